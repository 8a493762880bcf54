import { readFile } from 'node:fs/promises';
import type { Turn } from '../turn.ts';
import type { VoiceClient } from '../voice-client.ts';
import { UsageError } from './options.ts';

/** A turn, and the moment (`performance.now()`) of the end of what was said, from which replies are timed. */
export type Said = {
  turn: Turn;
  endOfSpeech: Promise<number>;
  /** The recording's name. */
  file?: string;
  /** The learner speaks again: what is still to be heard of the reply would be spoken over his voice. */
  unheard?: boolean;
};
/** Says something: a turn, or one after the other. */
export type Says = (client: VoiceClient) => AsyncIterable<Said> | Iterable<Said>;

/** Words that were there already: the wait for the reply begins now. */
export const saidNow = (turn: Turn): Said => ({ turn, endOfSpeech: Promise.resolve(performance.now()) });

/** A recording that was there already: the wait for the reply begins when all of it is sent. */
export function saidOnceSent(turn: Turn, file: string): Said {
  const endOfSpeech = turn.handedOver.then(() => performance.now());
  // The turn fails of the same, and tells.
  endOfSpeech.catch(() => {});
  return { turn, endOfSpeech, file };
}

/** Throws UsageError. */
export function readRecording(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} can't be read (${error.code}): give a recording, as a WAV file.`);
  });
}
