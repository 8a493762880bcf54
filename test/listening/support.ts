import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import {
  createFramer,
  createListener,
  createSpeechDetector,
  FRAME_SAMPLES,
  type ListenerOptions,
  SAMPLE_RATE,
  type UtteranceEnd,
} from '../../src/listening/index.ts';
import { samplesOf } from '../support/microphone.ts';
import { seeded } from '../support/random.ts';

/** Samples of -1 to 1. */
export type Sound = Float32Array;

export const seconds = (samples: number): number => samples / SAMPLE_RATE;
export const silence = (length: number): Sound => new Float32Array(Math.round(length * SAMPLE_RATE));

/** What a WAV of 16 kHz holds. */
export function soundOf(wav: Uint8Array): Sound {
  const { bytes } = samplesOf(wav);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length >> 1 }, (_, at) => view.getInt16(at * 2, true) / 0x8000);
}

export function join(...sounds: Sound[]): Sound {
  const all = new Float32Array(sounds.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const sound of sounds) {
    all.set(sound, at);
    at += sound.length;
  }
  return all;
}

/** The same with white noise of that loudness (root mean square, of a full scale of 1) in it, alike in every run. */
export function noisy(sound: Sound, loudness: number, seed = 1): Sound {
  const random = seeded(seed);
  const bell = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return sound.map((sample) => Math.max(-1, Math.min(1, sample + loudness * bell())));
}

/** Where it is first and last louder than a tenth of its loudest 10 ms, which breath is not: the first and the last voiced sample. */
export function voicedRange(sound: Sound): [from: number, to: number] {
  const WINDOW = 160;
  const loudness: number[] = [];
  for (let at = 0; at < sound.length; at += WINDOW) {
    const window = sound.subarray(at, at + WINDOW);
    loudness.push(Math.sqrt(window.reduce((sum, sample) => sum + sample ** 2, 0) / window.length));
  }
  const threshold = Math.max(...loudness) / 10;
  const loud = (value: number) => value > threshold;
  return [loudness.findIndex(loud) * WINDOW, (loudness.findLastIndex(loud) + 1) * WINDOW];
}

/** The samples as a microphone gives them in bytes. */
export function pcmOf(sound: Sound): Buffer {
  const bytes = Buffer.alloc(sound.length * 2);
  for (const [at, sample] of sound.entries()) {
    bytes.writeInt16LE(Math.max(-0x8000, Math.min(0x7fff, Math.round(sample * 0x8000))), at * 2);
  }
  return bytes;
}

/** The frames of a sound, through bytes; an unfinished last one is left out. */
export function framesOf(sound: Sound): Float32Array[] {
  const frames: Float32Array[] = [];
  createFramer((frame) => frames.push(frame))(pcmOf(sound));
  return frames;
}

export async function detector() {
  const model = await readFile(new URL('silero_vad_v5.onnx', import.meta.resolve('@ricky0123/vad-web')));
  return createSpeechDetector({ model });
}

/** An utterance in the sound; moments are in samples of it, as they had been heard when the listener told. */
export type Found = {
  startedAt: number;
  endedAt: number;
  end: UtteranceEnd;
  chunks: { bytes: Uint8Array; heardAt: number }[];
  audio: Buffer;
};

/** Lets a listener hear a sound, frame by frame, and gives what it found. The stream's clock is the frames. */
export async function listenTo(
  sound: Sound,
  options: Pick<ListenerOptions, 'probability'> & Partial<ListenerOptions>,
): Promise<Found[]> {
  const found: Promise<Found>[] = [];
  let heard = 0;
  let judged: Promise<unknown> = Promise.resolve();
  const listener = createListener({
    onFailed(error) {
      throw error;
    },
    ...options,
    probability(frame) {
      const chance = options.probability(frame);
      judged = chance;
      return chance;
    },
    onSpeech({ chunks, ended }) {
      const startedAt = heard;
      const endedAt = ended.then(() => heard);
      const gather = async (): Promise<Found> => {
        const all: Found['chunks'] = [];
        for await (const bytes of chunks) all.push({ bytes, heardAt: heard });
        const audio = Buffer.concat(all.map(({ bytes }) => bytes));
        return { startedAt, endedAt: await endedAt, end: await ended, chunks: all, audio };
      };
      found.push(gather());
    },
  });
  for (const frame of framesOf(sound)) {
    heard += FRAME_SAMPLES;
    listener.hear(frame);
    await judged;
    await setImmediate();
  }
  listener.stop();
  return Promise.all(found);
}
