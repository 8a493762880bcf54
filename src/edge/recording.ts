import { AppError } from '../errors.ts';
import { tooLarge } from './audio.ts';
import { MAX_AUDIO_BYTES, MAX_CHUNK_BYTES } from './protocol.ts';

/** One utterance while it arrives, never more than `MAX_AUDIO_BYTES` of it. */
export interface Recording {
  /** Adds a chunk and tells the bytes so far. A chunk that can't be kept spoils the whole: what it held is let go, and this and every later call throws the same error. */
  add(chunk: Uint8Array): number;
  /** Spoils it for a reason from outside. */
  spoil(reason: AppError): never;
  /** The utterance, whole. */
  bytes(): Uint8Array;
}

export function createRecording(): Recording {
  let chunks: Uint8Array[] = [];
  let length = 0;
  let spoiled: AppError | undefined;

  function spoil(reason: AppError): never {
    spoiled ??= reason;
    chunks = [];
    throw spoiled;
  }
  return {
    spoil,
    add(chunk) {
      if (spoiled) throw spoiled;
      length += chunk.length;
      if (chunk.length > MAX_CHUNK_BYTES) {
        const message = `A chunk has ${chunk.length} bytes, and ${MAX_CHUNK_BYTES} (1 MiB) are allowed: send smaller ones, 100 ms each.`;
        spoil(new AppError('bad_input', 'socket', message, { status: 413 }));
      }
      if (length > MAX_AUDIO_BYTES) spoil(new AppError('bad_input', 'socket', tooLarge(length), { status: 413 }));
      chunks.push(chunk);
      return length;
    },
    bytes() {
      if (spoiled) throw spoiled;
      return Buffer.concat(chunks, length);
    },
  };
}
