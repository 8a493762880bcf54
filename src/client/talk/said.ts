import type { Turn } from '../turn.ts';
import type { VoiceClient } from '../voice-client.ts';

/** A turn, and the moment (`performance.now()`) of the end of what was said, from which replies are timed. */
export type Said = { turn: Turn; endOfSpeech: Promise<number> };
/** Says something: a turn, or one after the other. */
export type Says = (client: VoiceClient) => AsyncIterable<Said> | Iterable<Said>;

/** A turn of words or a recording that were there already: the wait for the reply begins now. */
export const saidNow = (turn: Turn): Said => ({ turn, endOfSpeech: Promise.resolve(performance.now()) });
