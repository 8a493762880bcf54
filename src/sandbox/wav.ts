/** Mono 16-bit sound. */
export interface Pcm {
  samples: Int16Array;
  rate: number;
}

/** Reads 16-bit PCM WAV of any rate, channels mixed to one; undefined for anything else. Sizes that a streaming writer left open are taken from the file's end. */
export function decodeWav(file: Buffer): Pcm | undefined {
  if (file.length < 12 || file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') return;
  let format: { channels: number; rate: number } | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString('latin1', at, at + 4);
    const size = file.readUInt32LE(at + 4);
    const start = at + 8;
    if (id === 'fmt ' && start + 16 <= file.length) format = readFormat(file, start, size);
    if (id === 'data') return format && { samples: mix(file, start, size, format.channels), rate: format.rate };
    at = start + size + (size & 1);
  }
  return undefined;
}

function readFormat(file: Buffer, at: number, size: number): { channels: number; rate: number } | undefined {
  const EXTENSIBLE = 0xfffe;
  let tag = file.readUInt16LE(at);
  if (tag === EXTENSIBLE && size >= 26 && at + 26 <= file.length) tag = file.readUInt16LE(at + 24);
  const channels = file.readUInt16LE(at + 2);
  const rate = file.readUInt32LE(at + 4);
  const bits = file.readUInt16LE(at + 14);
  const sound = tag === 1 && bits === 16 && channels >= 1 && channels <= 8 && rate >= 4000 && rate <= 384_000;
  return sound ? { channels, rate } : undefined;
}

function mix(file: Buffer, start: number, size: number, channels: number): Int16Array {
  const frames = Math.floor(Math.min(size, file.length - start) / (2 * channels));
  // NOTE: a copy, since samples may start at an odd address in the file.
  if (channels === 1) return new Int16Array(new Uint8Array(file.subarray(start, start + 2 * frames)).buffer);
  const samples = new Int16Array(frames);
  for (let frame = 0, at = start; frame < frames; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++, at += 2) sum += file.readInt16LE(at);
    samples[frame] = sum / channels;
  }
  return samples;
}

/** Wraps mono PCM in a WAV header with true sizes. */
export function encodeWav({ samples, rate }: Pcm): Buffer {
  const header = Buffer.alloc(44);
  const bytes = samples.length * 2;
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + bytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(bytes, 40);
  return Buffer.concat([header, bytesOf(samples)]);
}

/** The samples as little-endian bytes, without copying. NOTE: assumes a little-endian machine, as Node's every platform is but s390x. */
export function bytesOf(samples: Int16Array): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
}
