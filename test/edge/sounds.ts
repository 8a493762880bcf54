import { wavFromPcm16 } from '../../src/edge/wav.ts';

/** Audio files made byte by byte, so that each test says what is in them. */
export const bytesOf = (...parts: (string | number[] | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Uint8Array.from(part))));

export const pcm = (seconds: number, rate = 16_000): Uint8Array => new Uint8Array(Math.round(seconds * rate) * 2);
export const wav = (seconds: number, rate = 16_000): Uint8Array => wavFromPcm16(pcm(seconds, rate), rate);

/** A WAV as a recorder streams it: sizes unknown, a LIST chunk of odd size before the samples. */
export function streamedWav(seconds: number, size: 0 | 0xffffffff): Uint8Array {
  const whole = Buffer.from(wav(seconds));
  const samples = whole.subarray(44);
  const unknown = Buffer.alloc(4);
  unknown.writeUInt32LE(size);
  return bytesOf('RIFF', unknown, whole.subarray(8, 36), 'LIST', [3, 0, 0, 0], 'abc', [0], 'data', unknown, samples);
}

/** Silent MP3 frames at 128 kbit/s and 44.1 kHz: 417 bytes and 1152 samples each. */
export function mp3(seconds: number): Uint8Array {
  const frame = Buffer.alloc(417);
  frame.set([0xff, 0xfb, 0x90, 0xc4]);
  return Buffer.concat(Array.from({ length: Math.ceil((seconds * 44_100) / 1152) }, () => frame));
}

/** A FLAC stream's header; its STREAMINFO says how many samples follow. */
export function flac(seconds: number): Uint8Array {
  const info = Buffer.alloc(34);
  info.writeUInt16BE(4096, 0);
  info.writeUInt16BE(4096, 2);
  const rateChannelsBitsTotal = (16_000n << 44n) | (15n << 36n) | BigInt(Math.round(seconds * 16_000));
  info.writeBigUInt64BE(rateChannelsBitsTotal, 10);
  return bytesOf('fLaC', [0x80, 0, 0, 34], info, new Uint8Array(64));
}

/** Two Ogg pages: an Opus head, and an end whose granule position says how long it was, in 48,000ths. */
export function ogg(seconds: number): Uint8Array {
  const head = bytesOf('OpusHead', [1, 1, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0]);
  const tags = bytesOf('OpusTags', [4, 0, 0, 0], 'test', [0, 0, 0, 0]);
  return bytesOf(
    oggPage(2, 0, 0n, head),
    oggPage(0, 1, 0n, tags),
    oggPage(4, 2, BigInt(Math.round(seconds * 48_000)), new Uint8Array(20)),
  );
}

function oggPage(flags: number, sequence: number, granule: bigint, packet: Uint8Array): Uint8Array {
  const header = Buffer.alloc(28);
  header.write('OggS');
  header[5] = flags;
  header.writeBigInt64LE(granule, 6);
  header.writeUInt32LE(1, 14);
  header.writeUInt32LE(sequence, 18);
  header[26] = 1;
  header[27] = packet.length;
  return bytesOf(header, packet);
}

/** An M4A without its samples: brand, and one sound track whose media header tells the length, in 1,000ths. */
export function m4a(seconds: number): Uint8Array {
  const track = Buffer.alloc(84);
  track.writeUInt32BE(1, 12);
  const media = Buffer.alloc(24);
  media.writeUInt32BE(1000, 12);
  media.writeUInt32BE(Math.round(seconds * 1000), 16);
  const sound = Buffer.alloc(28);
  sound.writeUInt16BE(1, 16);
  sound.writeUInt16BE(16, 18);
  const descriptions = bytesOf([0, 0, 0, 0, 0, 0, 0, 1], box('mp4a', sound));
  const handler = bytesOf([0, 0, 0, 0, 0, 0, 0, 0], 'soun', new Uint8Array(13));
  const tables = box('minf', box('stbl', box('stsd', descriptions)));
  const inside = box('mdia', bytesOf(box('mdhd', media), box('hdlr', handler), tables));
  const brand = box('ftyp', bytesOf('M4A ', [0, 0, 0, 0], 'M4A mp42'));
  return bytesOf(brand, box('moov', box('trak', bytesOf(box('tkhd', track), inside))));
}

function box(name: string, content: Uint8Array): Uint8Array {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(name, 4);
  return bytesOf(head, content);
}

/** How a WebM begins as Chromium's MediaRecorder writes it: an EBML head and a segment of unknown size. */
export const webm = bytesOf(
  [0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x86, 0x81, 1, 0x42, 0xf7, 0x81, 1, 0x42, 0xf2, 0x81, 4, 0x42, 0xf3, 0x81, 8],
  [0x42, 0x82, 0x84],
  'webm',
  [0x42, 0x87, 0x81, 4, 0x42, 0x85, 0x81, 2, 0x18, 0x53, 0x80, 0x67, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x15, 0x49, 0xa9, 0x66, 0x80],
);
