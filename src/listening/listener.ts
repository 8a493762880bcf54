import { FRAME_MS, framesIn, loudness, mend } from './frames.ts';
import { createTurnTaking, type TurnTakingSettings } from './turn-taking.ts';
import { createUtterance, type Utterance, type UtteranceEnd, type UtteranceRecord } from './utterance.ts';

/** Frames that may wait for the model: 3 s. */
const MAX_WAITING = framesIn(3000);
/** Of the loudest frame: what is softer at the end of an utterance is breath, which the model takes for speech. */
const BREATH = 0.1;

export type ListenerSettings = TurnTakingSettings & {
  /** What is sent of the time before the first sound of speech, in milliseconds: it holds the first consonant. */
  preRollMs: number;
  /** What is sent of the silence behind the last one, in milliseconds; the rest of the wait is not. */
  tailMs: number;
};

export type ListenerOptions = {
  /** The detector's; frames are given to it one after the other. */
  probability: (frame: Float32Array) => Promise<number>;
  /** Somebody speaks, for long enough to break in on the companion: silence it, and say the utterance's chunks as a turn. */
  onSpeech: (utterance: Utterance) => void;
  /**
   * Nothing is heard any more, since the model failed, or `onSpeech` or `onOverrun` threw; an open utterance fails with
   * the same error. Not to throw: nobody would catch it.
   */
  onFailed: (error: Error) => void;
  /** The model can't keep up and frames get lost; told once until it has caught up. */
  onOverrun?: (() => void) | undefined;
  settings?: Partial<ListenerSettings> | undefined;
};

/** Finds the utterances in what a microphone hears. */
export interface Listener {
  /** Takes the next 512 samples of 16 kHz; keeps them, so the caller must not write to them again. */
  hear(frame: Float32Array): void;
  /**
   * What is being said is not meant: the open utterance fails with `reason`, and what is said on is part of none, until
   * there has been as much silence as ends one. While nobody speaks it does nothing.
   */
  discard(reason: Error): void;
  /** Hears no more. What is being said ends here. */
  stop(): void;
}

/** Judges frames as they come and cuts the utterances out of them. */
export function createListener(options: ListenerOptions): Listener {
  const { probability, onSpeech, onFailed, onOverrun, settings = {} } = options;
  const { preRollMs = 320, tailMs = 192 } = settings;
  const [preRoll, tail] = [framesIn(preRollMs), framesIn(tailMs)];
  const turnTaking = createTurnTaking(settings);
  const waiting: Float32Array[] = [];
  /** Heard and judged, but part of no utterance, perhaps of the next. */
  const held: Float32Array[] = [];
  let open: UtteranceRecord | undefined;
  let loudest = 0;
  let sinceVoice = 0;
  let stopped = false;
  let judging = false;
  let overrun = false;

  function judged(frame: Float32Array, chance: number): void {
    held.push(frame);
    const { event, frames, silent, continues } = turnTaking.next(chance);
    if (event === 'started') {
      open = createUtterance(FRAME_MS, continues);
      loudest = 0;
    }
    if (!open) {
      held.splice(0, held.length - preRoll - frames);
      return;
    }
    const loud = loudness(frame);
    loudest = Math.max(loudest, loud);
    sinceVoice = silent === 0 && loud >= loudest * BREATH ? 0 : sinceVoice + 1;
    if (silent <= tail) open.add(held.splice(0));
    const spoken = open;
    if (event === 'started') calling(() => onSpeech(spoken));
    if (event === 'ended' || event === 'full') close(event === 'full' ? 'length' : 'silence');
  }
  function close(by: UtteranceEnd['by']): void {
    open?.end({ by, silenceMs: (sinceVoice + waiting.length) * FRAME_MS });
    open = undefined;
  }

  function drop(reason: Error): void {
    open?.fail(reason);
    open = undefined;
  }
  function fail(trouble: string, cause: unknown): void {
    stopped = true;
    waiting.length = 0;
    const error = new Error(`${trouble}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    drop(error);
    onFailed(error);
  }
  /** NOTE: what a callback throws would else end the judging unseen, and nothing would be heard any more. */
  function calling(callback: () => void): void {
    try {
      callback();
    } catch (thrown) {
      fail('Listening has ended, since what was to follow failed', thrown);
    }
  }
  async function judge(): Promise<void> {
    judging = true;
    for (let frame = waiting.shift(); frame; frame = waiting.shift()) {
      let chance: number;
      try {
        chance = await probability(frame);
      } catch (thrown) {
        return stopped ? undefined : fail("Speech can't be told from silence any more", thrown);
      }
      if (stopped) return;
      judged(frame, chance);
    }
    judging = false;
    overrun = false;
  }

  return {
    hear(frame) {
      if (stopped) return;
      mend(frame);
      if (waiting.length < MAX_WAITING) waiting.push(frame);
      else if (!overrun) {
        overrun = true;
        calling(() => onOverrun?.());
      }
      if (!judging) void judge();
    },
    discard(reason) {
      turnTaking.discard();
      held.length = 0;
      drop(reason);
    },
    stop() {
      stopped = true;
      close('stop');
      waiting.length = 0;
    },
  };
}
