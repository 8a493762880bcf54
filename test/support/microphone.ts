import type { Page } from 'playwright-core';
import { wavFromPcm16 } from '../../src/edge/wav.ts';

/** Part of what a microphone hears: a WAV of PCM16 mono, or silence of so many seconds. */
export type Piece = Uint8Array | { silence: number };

/** The rate of the recordings, in hertz. */
const RATE = 16_000;

/** Joins recordings and silences to one WAV of 16 kHz; a recording of another kind is an error. */
export function joined(pieces: Piece[]): Uint8Array {
  return wavFromPcm16(Buffer.concat(pieces.map(pcm)), RATE);
}

function pcm(piece: Piece): Uint8Array {
  if ('silence' in piece) return new Uint8Array(2 * Math.round(piece.silence * RATE));
  return samplesOf(piece).bytes;
}

/** The samples of a WAV of 16 kHz, PCM16 mono; another kind is an error. */
export function samplesOf(wav: Uint8Array): { bytes: Uint8Array; rate: number } {
  const buffer = Buffer.from(wav.buffer, wav.byteOffset, wav.byteLength);
  const [format, channels, rate, bits] = [
    buffer.readUInt16LE(20),
    buffer.readUInt16LE(22),
    buffer.readUInt32LE(24),
    buffer.readUInt16LE(34),
  ];
  const data = buffer.indexOf('data', 36);
  if (format !== 1 || channels !== 1 || rate !== RATE || bits !== 16 || data < 0)
    throw new Error(`A recording must be a WAV of 16 kHz, PCM16 mono; this one has ${channels} channels, ${rate} Hz`);
  return { bytes: buffer.subarray(data + 8, data + 8 + buffer.readUInt32LE(data + 4)), rate };
}

type WithMicrophone = { microphone: { speak(wav: string): Promise<Spoken> } };

/** When the microphone heard it, in milliseconds of the page's `performance.now()`. */
export type Spoken = { beganMs: number; endedMs: number };

/**
 * Says something to a page that was opened with `onDemandMicrophone: true`; resolves when it has been said. What is said
 * while the page has no microphone open is lost, as everywhere.
 */
export function speak(page: Page, wav: Uint8Array): Promise<Spoken> {
  return page.evaluate(
    (base64) => (globalThis as unknown as WithMicrophone).microphone.speak(base64),
    Buffer.from(wav).toString('base64'),
  );
}
