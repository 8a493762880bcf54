import type { Turn } from '../turn.ts';
import type { VoiceClient } from '../voice-client.ts';

/** A turn, and the moment (`performance.now()`) of the end of what was said, from which replies are timed. */
export type Said = { turn: Turn; endOfSpeech: Promise<number> };
/** Says something: a turn, or one after the other. */
export type Says = (client: VoiceClient) => AsyncIterable<Said> | Iterable<Said>;

/** A turn whose end is when the agent has taken it all, as it is with recordings. */
export function spoken(turn: Turn): Said {
  const endOfSpeech = turn.turnId.then(() => performance.now());
  // NOTE: a turn that was not accepted tells so itself.
  endOfSpeech.catch(() => {});
  return { turn, endOfSpeech };
}

/** A turn that was typed just now. */
export const typed = (turn: Turn): Said => ({ turn, endOfSpeech: Promise.resolve(performance.now()) });
