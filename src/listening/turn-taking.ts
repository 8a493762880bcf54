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
  /**
   * What this frame decided: it has become speech; it is over by silence; it is over by length; or what sounded like a
   * beginning was none.
   */
  event?: 'started' | 'ended' | 'full' | 'misfire' | undefined;
  /** Frames since the turn began, or may have begun; 0 when nobody speaks. */
  frames: number;
  /** Frames of silence at its end. */
  silent: number;
};

/** Decides from the probabilities of one frame after the other when a turn begins and ends. Pure: its only clock is the frames. */
export function createTurnTaking(settings: Partial<TurnTakingSettings> = {}): (probability: number) => TurnState {
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
  let silent = 0;

  function close(event: TurnState['event']): TurnState {
    const ended = { event, frames, silent };
    speaking = false;
    frames = voiced = silent = 0;
    return ended;
  }
  function begin(isSpeech: boolean): TurnState {
    if (frames === 0 && !isSpeech) return { frames, silent };
    frames += 1;
    voiced += isSpeech ? 1 : 0;
    silent = isSpeech ? 0 : silent + 1;
    if (silent > gap) return close('misfire');
    speaking = voiced >= sustain;
    return { event: speaking ? 'started' : undefined, frames, silent };
  }
  return (probability) => {
    const isSpeech = probability >= positive;
    if (!speaking) return begin(isSpeech);
    frames += 1;
    if (isSpeech) silent = 0;
    else if (probability < negative || silent > 0) silent += 1;
    if (silent >= redemption) return close('ended');
    if (frames >= longest) return close('full');
    return { frames, silent };
  };
}
