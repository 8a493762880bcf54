// Runs in the audio thread: gathers what the microphone gives into frames of 32 ms and hands them to the page.

// NOTE: lib.dom has no types for this scope.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

const FRAME_SAMPLES = 512;

class Frames extends AudioWorkletProcessor {
  frame = new Float32Array(FRAME_SAMPLES);
  filled = 0;

  process([channels = []]: Float32Array[][]): boolean {
    const [first] = channels;
    if (!first) return true;
    for (let at = 0; at < first.length; at++) {
      let sum = 0;
      for (const channel of channels) sum += channel[at] ?? 0;
      this.frame[this.filled++] = sum / channels.length;
      if (this.filled === FRAME_SAMPLES) {
        this.port.postMessage(this.frame, [this.frame.buffer]);
        this.frame = new Float32Array(FRAME_SAMPLES);
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor('frames', Frames);
