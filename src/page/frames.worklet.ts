// Runs in the audio thread: gathers what the microphone gives into frames of 32 ms and hands them to the page.

// NOTE: lib.dom has no types for this scope.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare const sampleRate: number;
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

const FRAME_SAMPLES = 512;
/** Samples given for one heard: 1, unless the browser could not resample. */
const STEP = 16_000 / sampleRate;

class Frames extends AudioWorkletProcessor {
  frame = new Float32Array(FRAME_SAMPLES);
  filled = 0;
  sum = 0;
  count = 0;
  due = 0;

  process([channels = []]: Float32Array[][]): boolean {
    const [first] = channels;
    if (!first) return true;
    for (let at = 0; at < first.length; at++) {
      for (const channel of channels) this.sum += (channel[at] ?? 0) / channels.length;
      this.count += 1;
      this.due += STEP;
      if (this.due < 1) continue;
      this.due -= 1;
      // The mean of what lies between two samples keeps most of what is above 8 kHz from folding into speech.
      this.give(this.sum / this.count);
      this.sum = 0;
      this.count = 0;
    }
    return true;
  }

  give(sample: number): void {
    this.frame[this.filled++] = sample;
    if (this.filled < FRAME_SAMPLES) return;
    this.port.postMessage(this.frame, [this.frame.buffer]);
    this.frame = new Float32Array(FRAME_SAMPLES);
    this.filled = 0;
  }
}

registerProcessor('frames', Frames);
