import { readFile } from 'node:fs/promises';
import {
  createFramer,
  createListener,
  createSpeechDetector,
  type ListenerSettings,
  PCM_TYPE,
  type Utterance,
} from '../../listening/index.ts';
import { newTrace } from '../trace.ts';
import { UsageError } from './options.ts';
import type { Said, Says } from './said.ts';
import { type Player, record } from './sound.ts';
import type { Status } from './status.ts';

const SILERO = new URL('silero_vad_v5.onnx', import.meta.resolve('@ricky0123/vad-web'));

export type LiveDeps = {
  player?: Player | undefined;
  status?: Status | undefined;
  /** Ends the listening; what is being said just then is not said to the agent. */
  leaving: AbortSignal;
  note: (text: string) => void;
  settings?: Partial<ListenerSettings> | undefined;
};
type Probability = (frame: Float32Array) => Promise<number>;

/**
 * Hands-free: every utterance that the microphone hears is a turn, given to the agent while it is spoken; it silences the
 * player and breaks off the turns before. Where it only goes on after one that was full, the turn of that one is answered,
 * but not aloud while he speaks. Going through the turns throws UsageError when nothing can be heard.
 */
export async function prepareLive(deps: LiveDeps): Promise<Says> {
  const { probability } = await createSpeechDetector({ model: await readFile(SILERO) });
  const { player, status, leaving } = deps;

  return async function* (client) {
    const waiting: Said[] = [];
    let latest: Said | undefined;
    let news = Promise.withResolvers<void>();
    let hearing: Utterance | undefined;
    let unanswered = 0;
    let over = false;
    const tell = () =>
      status?.set(over ? '' : hearing ? 'I hear you …' : unanswered > 0 ? 'thinking …' : 'listening …');

    function hear(utterance: Utterance): void {
      player?.silence();
      if (latest && player) latest.unheard = true;
      // NOTE: where the agent is gone, the turn will tell.
      if (!utterance.continues) client.interrupt().catch(() => {});
      const turn = client.speakAudio(unlessLeaving(utterance, leaving), { type: PCM_TYPE, ...newTrace() });
      const endOfSpeech = utterance.ended.then(({ silenceMs }) => performance.now() - silenceMs);
      hearing = utterance;
      unanswered += 1;
      tell();
      const spoken = () => {
        if (hearing === utterance) hearing = undefined;
        tell();
      };
      endOfSpeech.then(spoken, spoken);
      const answered = () => {
        unanswered -= 1;
        tell();
      };
      turn.reply.then(answered, answered);
      latest = { turn, endOfSpeech };
      waiting.push(latest);
      news.resolve();
    }
    tell();
    const listening = listen(probability, hear, deps).finally(() => {
      over = true;
      tell();
      news.resolve();
    });
    // It is awaited below, after what has been heard.
    listening.catch(() => {});
    while (!over) {
      await news.promise;
      news = Promise.withResolvers();
      for (let said = waiting.shift(); said; said = waiting.shift()) yield said;
    }
    await listening;
  };
}

/** Hears the microphone until `leaving`. Throws UsageError when it can't. */
async function listen(
  probability: Probability,
  onSpeech: (utterance: Utterance) => void,
  deps: LiveDeps,
): Promise<void> {
  // NOTE: one controller for both reasons to stop. AbortSignal.any is collected as garbage while it is waited for.
  const stop = new AbortController();
  const leave = () => stop.abort();
  let failure: Error | undefined;
  const listener = createListener({
    probability,
    onSpeech,
    onFailed(error) {
      failure = error;
      stop.abort();
    },
    onOverrun: () => deps.note('This machine is too slow to listen just now: words may get lost.'),
    settings: deps.settings,
  });
  const frames = createFramer(listener.hear);
  deps.leaving.addEventListener('abort', leave);
  if (deps.leaving.aborted) leave();
  try {
    for await (const bytes of record(stop.signal)) frames(bytes);
  } catch (thrown) {
    const why = (thrown as Error).message;
    throw new UsageError(`The microphone can't be heard (${why}): plug one in, and see that arecord records it.`);
  } finally {
    deps.leaving.removeEventListener('abort', leave);
    listener.stop();
  }
  if (failure) throw failure;
}

/** An utterance that is broken off by leaving is no turn. */
async function* unlessLeaving({ chunks }: Utterance, leaving: AbortSignal): AsyncGenerator<Uint8Array> {
  yield* chunks;
  leaving.throwIfAborted();
}
