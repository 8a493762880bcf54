import { parseBuffer } from 'music-metadata';
import { AUDIO_FORMATS, type AudioFormat, type Speech } from '../conversation/ports.ts';
import { AppError, type Component } from '../errors.ts';
import { MAX_AUDIO_BYTES } from './protocol.ts';
import type { EdgeWatcher } from './watcher.ts';
import { wavFromPcm16, wavSeconds } from './wav.ts';

const ACCEPTED = `${AUDIO_FORMATS.join(', ').toUpperCase()}, or raw 16-bit mono as audio/pcm;rate=16000`;
const PCM_TYPES = new Set(['audio/pcm', 'audio/x-pcm', 'audio/l16']);
const PCM_RATES = { default: 16_000, min: 8_000, max: 48_000 };

/** Finds out what the audio is, by its first bytes; the type is believed only where raw samples can't say. Throws `bad_input` 413, 415 or 422. */
export async function identifyAudio(
  bytes: Uint8Array,
  options: { contentType?: string; maxSeconds: number; component: Component },
): Promise<Speech> {
  const refuse = (status: number, message: string) => new AppError('bad_input', options.component, message, { status });
  if (bytes.length === 0) throw refuse(422, 'The audio is empty: record something and send it again.');
  if (bytes.length > MAX_AUDIO_BYTES) throw refuse(413, tooLarge(bytes.length));

  const type = mediaType(options.contentType);
  const speech =
    PCM_TYPES.has(type.name) && !isWav(bytes) ? fromPcm(bytes, type.parameters, refuse) : await fromFile(bytes);
  if (speech === undefined) {
    const declared = options.contentType === undefined ? '' : ` (sent as ${options.contentType.slice(0, 60)})`;
    throw refuse(415, `The audio${declared} is of no known kind: send ${ACCEPTED}.`);
  }
  if (speech.format === 'wav' && speech.seconds === undefined) {
    throw refuse(422, 'The WAV file has no fmt or data chunk that makes sense: record it again.');
  }
  if (speech.seconds === 0) throw refuse(422, 'The audio has no samples: record something and send it again.');
  if (speech.seconds !== undefined && speech.seconds > options.maxSeconds) {
    const seconds = speech.seconds.toFixed(1);
    throw refuse(413, `The audio is ${seconds} s long, and ${options.maxSeconds} s are allowed: say it in parts.`);
  }
  return speech;
}

/** The same, watched: size by format, and the time that it took. */
export async function receiveAudio(
  bytes: Uint8Array,
  options: { contentType?: string; maxSeconds: number; component: Component },
  watcher: EdgeWatcher,
): Promise<Speech> {
  const start = performance.now();
  const speech = await identifyAudio(bytes, options);
  watcher.audioReceived(speech.format, bytes.length, (performance.now() - start) / 1000);
  return speech;
}

/** What a learner hears who sent more than `MAX_AUDIO_BYTES`. */
export function tooLarge(bytes: number): string {
  return `The audio has ${bytes} bytes, and ${MAX_AUDIO_BYTES} (25 MiB) are allowed: say it in parts.`;
}

async function fromFile(bytes: Uint8Array): Promise<Speech | undefined> {
  const format = formatOf(bytes);
  if (format === undefined) return undefined;
  const seconds = format === 'wav' ? wavSeconds(bytes) : await containerSeconds(bytes, format);
  return seconds === undefined ? { bytes, format } : { bytes, format, seconds };
}

function formatOf(bytes: Uint8Array): AudioFormat | undefined {
  const ascii = (start: number, end: number) => String.fromCharCode(...bytes.subarray(start, end));
  if (isWav(bytes)) return 'wav';
  if (ascii(0, 4) === 'OggS') return 'ogg';
  if (ascii(0, 4) === 'fLaC') return 'flac';
  if (ascii(4, 8) === 'ftyp') return 'm4a';
  if (ascii(0, 4) === '\x1a\x45\xdf\xa3') return 'webm';
  if (ascii(0, 3) === 'ID3' || isMp3Frame(bytes)) return 'mp3';
  return undefined;
}

function isWav(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 4), ...bytes.subarray(8, 12)) === 'RIFFWAVE';
}

/** An MPEG audio header of layer III: MPEG 1, 2 and 2.5, with and without CRC, so all of FF FB, FA, F3, F2, E3 and E2. */
function isMp3Frame(bytes: Uint8Array): boolean {
  const [sync = 0, version = 0, rates = 0] = bytes;
  const synced = sync === 0xff && (version & 0xe0) === 0xe0;
  const layerThree = (version & 0x06) === 0x02 && (version & 0x18) !== 0x08;
  return synced && layerThree && rates >> 4 !== 0x0f && (rates & 0x0c) !== 0x0c;
}

const HEAD_BYTES = 64 * 1024;

/** NOTE: the parser throws on WebM as Chromium records it, which has no length anywhere; such audio is measured when it is transcribed. */
async function containerSeconds(bytes: Uint8Array, format: AudioFormat): Promise<number | undefined> {
  // NOTE: the parser looks for MP3 frames byte by byte, seconds for a megabyte of junk; these two tell their length at the start.
  const fromHead = format === 'mp3' || format === 'flac';
  const read = fromHead ? bytes.subarray(0, HEAD_BYTES) : bytes;
  try {
    const parsed = await parseBuffer(read, { size: bytes.length }, { duration: !fromHead, skipCovers: true });
    const { duration } = parsed.format;
    return duration !== undefined && Number.isFinite(duration) && duration > 0 ? duration : undefined;
  } catch {
    return undefined;
  }
}

/** NOTE: samples are little-endian also for audio/l16, as recorders send them, unless `endianness=big-endian` says otherwise (RFC 2586 would have them big-endian always). */
function fromPcm(
  bytes: Uint8Array,
  parameters: Map<string, string>,
  refuse: (status: number, message: string) => AppError,
): Speech {
  const rate = Number(parameters.get('rate') ?? PCM_RATES.default);
  if (!Number.isInteger(rate) || rate < PCM_RATES.min || rate > PCM_RATES.max) {
    const given = JSON.stringify(parameters.get('rate')?.slice(0, 20));
    throw refuse(422, `rate=${given}: send raw samples at ${PCM_RATES.min} to ${PCM_RATES.max} a second.`);
  }
  const channels = parameters.get('channels') ?? '1';
  if (channels !== '1') throw refuse(422, `channels=${channels.slice(0, 20)}: send raw samples in mono.`);
  if (bytes.length % 2 !== 0) {
    throw refuse(
      422,
      `The raw audio has ${bytes.length} bytes, an odd number: a 16-bit sample has two, so none may be cut.`,
    );
  }
  const littleEndian = parameters.get('endianness') === 'big-endian' ? Buffer.from(bytes).swap16() : bytes;
  return { bytes: wavFromPcm16(littleEndian, rate), format: 'wav', seconds: bytes.length / 2 / rate };
}

function mediaType(contentType = ''): { name: string; parameters: Map<string, string> } {
  const [name = '', ...rest] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const pairs = rest.map((part) => part.split('=', 2).map((side) => side.trim().replace(/^"|"$/g, '')));
  return { name, parameters: new Map(pairs.map(([key = '', value = '']) => [key, value])) };
}
