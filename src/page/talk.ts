import { newTrace, ProblemError, type Turn, type VoiceClient } from '../client/index.ts';
import { PCM_TYPE } from '../listening/frames.ts';
import type { Utterance } from '../listening/utterance.ts';
import { createMarks, type Marks } from './marks.ts';
import type { Player } from './player.ts';
import type { Transcript, TurnView } from './turn-view.ts';

/** What the learner took back while saying it. */
export class Discarded extends Error {}

/** The learner's side of the conversation: says things, follows each turn to its end, breaks off. */
export interface Talk {
  write(text: string): void;
  /** A turn that is being spoken now. */
  speak(utterance: Utterance): void;
  /** A recording that was made before; `type` as the browser knows it. */
  send(recording: Uint8Array, type: string): void;
  /** Silences the voice at once and breaks off what the agent is doing; false when there was nothing. */
  interrupt(): boolean;
  /** Turns that wait for their end. */
  readonly waiting: number;
}

/** `onChange` hears of every beginning and end of a turn. */
export function createTalk(deps: {
  client: () => VoiceClient;
  transcript: Transcript;
  player: Player;
  onChange: () => void;
}): Talk {
  const { client, transcript, player, onChange } = deps;
  /** Turns in flight; those that were broken off are not heard any more. */
  const running = new Map<Turn, { muted: boolean }>();

  /** One turn, from what was said to its end. */
  async function follow(turn: Turn, view: TurnView, marks: Marks): Promise<void> {
    const state = { muted: false };
    const sounds: Promise<unknown>[] = [];
    running.set(turn, state);
    onChange();
    turn.turnId.then(
      () => marks.set('accepted'),
      () => {},
    );
    try {
      for await (const event of turn) {
        if (event.type === 'transcript') {
          marks.set('transcribed');
          view.you(event.text);
        } else if (event.type === 'delta') {
          view.append(event.text);
          marks.set('firstWord');
        } else if (event.type === 'speech') {
          if (!state.muted && event.audio.length > 0) sounds.push(sound(event.audio, view, marks));
        } else {
          marks.set('done');
          await sounds[0];
          view.finish(event.reply, marks);
        }
      }
    } catch (thrown) {
      if (thrown instanceof ProblemError && thrown.cause instanceof Discarded) view.remove();
      else view.problem((thrown as Error).message);
    } finally {
      running.delete(turn);
      onChange();
    }
    await Promise.all(sounds);
    await report(turn, marks);
  }

  async function sound(audio: Uint8Array, view: TurnView, marks: Marks): Promise<void> {
    try {
      const at = await player.play(audio);
      if (at !== undefined) marks.set('firstSound', at);
    } catch {
      view.problem('This browser can’t play the voice; the words are all here.');
    }
  }

  /** Tells the agent what the learner perceived, so that its operator sees what learners see. */
  async function report(turn: Turn, marks: Marks): Promise<void> {
    const [firstWordMs, firstSoundMs] = [marks.get('firstWord'), marks.get('firstSound')];
    if (firstWordMs === undefined && firstSoundMs === undefined) return;
    // NOTE: a report that fails is the operator's loss, and the agent has counted it; there is nothing to tell a learner.
    await turn.turnId.then((id) => client().heard(id, { firstWordMs, firstSoundMs })).catch(() => {});
  }

  async function breakOff(): Promise<void> {
    try {
      await client().interrupt();
    } catch (thrown) {
      // A turn that the connection took with it says so itself.
      if (!(thrown instanceof ProblemError && thrown.kind === 'disconnected'))
        transcript.note((thrown as Error).message, 'problem');
    }
  }

  /** What comes next is louder than what was: the voice stops, and so does the turn. */
  function interrupt(): boolean {
    const heard = [...running.values()].filter(({ muted }) => !muted);
    const busy = heard.length > 0 || player.playing;
    for (const state of heard) state.muted = true;
    player.silence();
    if (heard.length > 0) void breakOff();
    return busy;
  }

  return {
    write(text) {
      interrupt();
      const view = transcript.turn();
      view.you(text);
      void follow(client().say(text, newTrace()), view, createMarks());
    },
    speak({ chunks, ended }) {
      interrupt();
      const marks = createMarks();
      ended.then(
        ({ silenceMs }) => marks.endOfSpeech(performance.now() - silenceMs),
        () => {},
      );
      const turn = client().speakAudio(chunks, { type: PCM_TYPE, ...newTrace() });
      void follow(turn, transcript.turn(), marks);
    },
    send(recording, type) {
      interrupt();
      const turn = client().speakAudio(recording, { type: type || undefined, ...newTrace() });
      void follow(turn, transcript.turn(), createMarks());
    },
    interrupt,
    get waiting() {
      return running.size;
    },
  };
}
