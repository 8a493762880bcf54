/** Samples a second, mono. */
export const SAMPLE_RATE = 16_000;
/** Samples of one frame: what the model judges at once. */
export const FRAME_SAMPLES = 512;
/** How long a frame lasts, in milliseconds. */
export const FRAME_MS = (FRAME_SAMPLES * 1000) / SAMPLE_RATE;
/** The type of the samples that utterances are made of, as the agent is told it. */
export const PCM_TYPE = `audio/pcm;rate=${SAMPLE_RATE}`;

/** The frames that a time takes, rounded up. */
export const framesIn = (ms: number): number => Math.ceil(ms / FRAME_MS);

/** Root mean square of samples, of a full scale of 1. */
export const loudness = (frame: Float32Array): number =>
  Math.sqrt(frame.reduce((sum, sample) => sum + sample * sample, 0) / frame.length);

/** Takes samples that are no numbers, as a broken driver gives them, for silence: one would spoil all that is reckoned after it. */
export function mend(frame: Float32Array): void {
  for (let at = 0; at < frame.length; at++) if (!Number.isFinite(frame[at])) frame[at] = 0;
}

/** 16-bit little-endian samples of frames whose samples are -1 to 1. */
export function toPcm16(frames: Float32Array[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(frames.reduce((sum, frame) => sum + frame.length, 0) * 2));
  let at = 0;
  for (const frame of frames) {
    for (const sample of frame) {
      view.setInt16(at, Math.max(-0x8000, Math.min(0x7fff, Math.round(sample * 0x8000))), true);
      at += 2;
    }
  }
  return new Uint8Array(view.buffer);
}

/** Cuts a stream of 16-bit little-endian samples, in pieces of any size, into frames. `on` hears each when it is full. */
export function createFramer(on: (frame: Float32Array) => void): (bytes: Uint8Array) => void {
  let frame = new Float32Array(FRAME_SAMPLES);
  let filled = 0;
  let low: number | undefined;
  return (bytes) => {
    for (const byte of bytes) {
      if (low === undefined) {
        low = byte;
        continue;
      }
      frame[filled++] = (((byte << 8) | low) << 16) / 0x8000_0000;
      low = undefined;
      if (filled < FRAME_SAMPLES) continue;
      on(frame);
      frame = new Float32Array(FRAME_SAMPLES);
      filled = 0;
    }
  };
}
