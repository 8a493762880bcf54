import { framesIn } from './frames.ts';

export type TurnTakingSettings = {
  /** A frame with at least this probability is speech. */
  positive: number;
  /** Below this one it is silence; what lies between goes on with what was before. */
  negative: number;
  /** So much speech makes it somebody's turn, in milliseconds: less may be a click, or the edge of an echo. */
  sustainMs: number;
  /** So much silence ends the turn, in milliseconds: less is a pause for breath. */
  redemptionMs: number;
  /** After so many milliseconds the turn ends in any case. NOTE: the agent refuses more than MAX_AUDIO_S, 60 s. */
  maxMs: number;
};

export const TURN_TAKING: TurnTakingSettings = {
  positive: 0.5,
  negative: 0.35,
  sustainMs: 160,
  redemptionMs: 600,
  maxMs: 55_000,
};
/** A gap inside the first syllables, as before a "p" or "t", is no end. */
const GAP_MS = 96;

/** Where a turn stands after a frame. */
export type TurnState = {
  /** What this frame decided: it has become speech; it is over by silence; it is over by length. */
  event?: 'started' | 'ended' | 'full' | undefined;
  /** Frames since the turn began, or may have begun; 0 when nobody speaks. */
  frames: number;
  /** Frames of silence at its end. */
  silent: number;
  /** With `started`: it follows one that was `full` without so much silence as ends a turn. */
  continues?: boolean;
};

/** Decides from the probabilities of one frame after the other when a turn begins and ends. Its only clock is the frames. */
export interface TurnTaking {
  next(probability: number): TurnState;
  /** What is being said is no turn, nor is the rest of it, until so much silence as ends a turn. Silence stays silence. */
  discard(): void;
}

export function createTurnTaking(settings: Partial<TurnTakingSettings> = {}): TurnTaking {
  const { positive, negative, sustainMs, redemptionMs, maxMs } = { ...TURN_TAKING, ...settings };
  const [sustain, redemption, longest, gap] = [sustainMs, redemptionMs, maxMs, GAP_MS].map(framesIn) as [
    number,
    number,
    number,
    number,
  ];
  let speaking = false;
  let frames = 0;
  let voiced = 0;
  /** Frames since the last one that was speech, while a turn may be beginning. */
  let missing = 0;
  /** Frames of silence, as they end a turn. */
  let silent = 0;
  /** What becomes of speech that goes on after its turn was closed. */
  let rest: 'next turn' | 'discarded' | undefined;

  function close(event?: TurnState['event']): TurnState {
    const ended = { event, frames, silent };
    speaking = false;
    frames = voiced = missing = 0;
    return ended;
  }
  function begin(isSpeech: boolean): TurnState {
    if (frames === 0 && !isSpeech) return { frames, silent };
    frames += 1;
    voiced += isSpeech ? 1 : 0;
    missing = isSpeech ? 0 : missing + 1;
    if (missing > gap) return close();
    speaking = voiced >= sustain;
    if (!speaking) return { frames, silent };
    const continues = rest === 'next turn';
    rest = undefined;
    return { event: 'started', frames, silent, continues };
  }
  return {
    next(probability) {
      const isSpeech = probability >= positive;
      if (isSpeech) silent = 0;
      else if (probability < negative || silent > 0) silent += 1;
      if (silent >= redemption) rest = undefined;
      if (rest === 'discarded') return { frames: 0, silent };
      if (!speaking) return begin(isSpeech);
      frames += 1;
      if (silent >= redemption) return close('ended');
      if (frames < longest) return { frames, silent };
      rest = 'next turn';
      return close('full');
    },
    discard() {
      if (frames > 0 || rest) rest = 'discarded';
      close();
    },
  };
}
