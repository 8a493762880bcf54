import { newTrace, ProblemError, type SpeakOptions, type Turn, type VoiceClient } from '../client/index.ts';
import { PCM_TYPE } from '../listening/frames.ts';
import type { Utterance } from '../listening/utterance.ts';
import { createMarks, type Marks } from './marks.ts';
import { plainWords } from './plain-words.ts';
import type { Player } from './player.ts';
import type { Transcript, TurnView } from './turn-view.ts';

/** What the learner took back while saying it. */
export class Discarded extends Error {}

/** The learner's side of the conversation: says things, follows each turn to its end, breaks off. Throws when there is no connection. */
export interface Talk {
  write(text: string): void;
  /** A turn that is being spoken now. */
  speak(utterance: Utterance): void;
  /** A recording that was made before; `type` as the browser knows it. */
  send(recording: Uint8Array, type: string): void;
  /** Silences the voice at once and breaks off what the agent is doing; false when there was nothing. */
  interrupt(): boolean;
  /** Silences the voice of everything so far; the words go on. */
  hush(): void;
  /** Turns that wait for their end. */
  readonly waiting: number;
}

/** What the learner still wants of a turn in flight. */
type Wanted = { voice: boolean; words: boolean };

/** `onChange` hears of every beginning and end of a turn. */
export function createTalk(deps: {
  client: () => VoiceClient;
  transcript: Transcript;
  player: Player;
  onChange: () => void;
}): Talk {
  const { client, transcript, player, onChange } = deps;
  const running = new Map<Turn, Wanted>();
  /** Whose voice was the last to sound. */
  let voiced: { turn: Turn; view: TurnView } | undefined;

  /** One turn, from what was said to its end. */
  async function follow(turn: Turn, view: TurnView, marks: Marks): Promise<void> {
    const wanted = { voice: true, words: true };
    const sounds: Promise<boolean>[] = [];
    running.set(turn, wanted);
    onChange();
    turn.turnId.then(
      () => marks.set('accepted'),
      () => {},
    );
    try {
      for await (const event of turn) {
        if (event.type === 'transcript') view.you(event.text);
        else if (event.type === 'delta') {
          view.append(event.text);
          marks.set('firstWord');
        } else if (event.type === 'speech') {
          if (!wanted.voice || event.audio.length === 0) continue;
          voiced = { turn, view };
          sounds.push(sound(event.audio, marks));
        } else {
          marks.set('done');
          await sounds[0];
          view.finish(event.reply, marks);
        }
      }
    } catch (thrown) {
      if (thrown instanceof ProblemError && thrown.cause instanceof Discarded) view.remove();
      else view.problem(plainWords(thrown));
    } finally {
      running.delete(turn);
      onChange();
    }
    const played = await Promise.all(sounds);
    if (played.includes(false)) view.problem('This browser can’t play the voice; the words are all here.');
    await report(turn, marks);
  }

  /** False when the browser can't play it. */
  async function sound(audio: Uint8Array, marks: Marks): Promise<boolean> {
    try {
      const at = await player.play(audio);
      if (at !== undefined) marks.set('firstSound', at);
      return true;
    } catch {
      return false;
    }
  }

  /** Tells the agent what the learner perceived, so that its operator sees what learners see. */
  async function report(turn: Turn, marks: Marks): Promise<void> {
    const [firstWordMs, firstSoundMs] = [marks.get('firstWord'), marks.get('firstSound')];
    if (firstWordMs === undefined && firstSoundMs === undefined) return;
    // NOTE: a report that fails is the operator's loss, and the agent has counted it; there is nothing to tell a learner.
    await turn.turnId.then((id) => client().heard(id, { firstWordMs, firstSoundMs })).catch(() => {});
  }

  /** Breaks one turn off at the agent; one that is not accepted yet, when it is. */
  async function breakOff(turn: Turn): Promise<void> {
    try {
      const id = await turn.turnId;
      if (running.has(turn)) await client().interrupt(id);
    } catch {
      // A turn that was not accepted, or that the connection took with it, says so itself.
    }
  }

  function hush(): void {
    for (const wanted of running.values()) wanted.voice = false;
    // The words of a turn that is over stay as they are stored; that they were not heard to their end is seen here.
    if (player.playing && voiced && !running.has(voiced.turn)) voiced.view.unheard();
    player.silence();
  }

  /** What comes next is louder than what was: the voice stops, and so does the turn. */
  function interrupt(): boolean {
    const wanted = [...running].filter(([, { words }]) => words);
    const busy = wanted.length > 0 || player.playing;
    hush();
    for (const [turn, its] of wanted) {
      its.words = false;
      void breakOff(turn);
    }
    return busy;
  }

  function speakAudio(audio: Parameters<VoiceClient['speakAudio']>[0], options: SpeakOptions): [Turn, Marks] {
    const turn = client().speakAudio(audio, { ...options, ...newTrace() });
    const marks = createMarks();
    void follow(turn, transcript.turn(), marks);
    return [turn, marks];
  }

  return {
    write(text) {
      interrupt();
      const turn = client().say(text, newTrace());
      const view = transcript.turn();
      view.you(text);
      void follow(turn, view, createMarks());
    },
    speak({ chunks, ended, continues }) {
      // Nobody interrupts himself by speaking for longer than one recording may be.
      if (continues) hush();
      else interrupt();
      const [, marks] = speakAudio(chunks, { type: PCM_TYPE });
      ended.then(
        ({ silenceMs }) => marks.endOfSpeech(performance.now() - silenceMs),
        () => {},
      );
    },
    send(recording, type) {
      interrupt();
      const [turn, marks] = speakAudio(recording, { type: type || undefined });
      turn.handedOver.then(
        () => marks.endOfSpeech(performance.now()),
        () => {},
      );
    },
    interrupt,
    hush,
    get waiting() {
      return running.size;
    },
  };
}
