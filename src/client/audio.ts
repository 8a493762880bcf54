import { ProblemError } from './problem-error.ts';

/** The agent's limits, known beforehand so that nothing is sent in vain. */
export const MAX_AUDIO_BYTES = 25 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** A recording in pieces that are small enough for one event each. Throws `bad_input` before the first byte too many. */
export async function* chunksOf(audio: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const part of audio instanceof Uint8Array ? [audio] : audio) {
    total += part.length;
    if (total > MAX_AUDIO_BYTES) {
      const message = `The audio has ${total} bytes or more, and ${MAX_AUDIO_BYTES} (25 MiB) are allowed: say it in parts.`;
      throw new ProblemError('bad_input', message);
    }
    for (let at = 0; at < part.length; at += CHUNK_BYTES) yield part.subarray(at, at + CHUNK_BYTES);
  }
  if (total === 0) throw new ProblemError('bad_input', 'The audio is empty: record something and say it again.');
}

const SIGNATURES: [format: string, at: number, text: string][] = [
  ['wav', 8, 'WAVE'],
  ['ogg', 0, 'OggS'],
  ['flac', 0, 'fLaC'],
  ['m4a', 4, 'ftyp'],
  ['webm', 0, '\x1a\x45\xdf\xa3'],
];
const RAW = /^audio\/(x-pcm|pcm|l16)\b/i;

/** The container as the agent counts it, from the first 12 bytes: raw samples become `wav` there. */
export function formatOf(head: Uint8Array, type = ''): string {
  const known = SIGNATURES.find(([, at, text]) => String.fromCharCode(...head.subarray(at, at + text.length)) === text);
  return known?.[0] ?? (RAW.test(type) ? 'wav' : 'mp3');
}
