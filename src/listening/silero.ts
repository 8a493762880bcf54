import * as ort from 'onnxruntime-web/wasm';
import { FRAME_SAMPLES, SAMPLE_RATE } from './frames.ts';

/**
 * Samples of the frame before that the model wants to see again. NOTE: it also runs without them, and then takes speech in
 * noise for silence: 8 to 49 % of voiced frames found instead of 93 to 100 %.
 */
const CONTEXT_SAMPLES = 64;
const STATE_SHAPE = [2, 1, 128];

export type SpeechDetectorOptions = {
  /** Silero VAD version 5, as ONNX. */
  model: Uint8Array | ArrayBuffer;
  /** The runtime's `ort-wasm-simd-threaded.wasm`: its URL or its bytes. Without it the runtime looks beside itself. */
  wasm?: string | Uint8Array | ArrayBuffer | undefined;
};

/** Tells speech from other sound. */
export interface SpeechDetector {
  /** How likely it is that somebody speaks in these 512 samples, 0 to 1. Frames are judged in order, each after the ones before. */
  probability(frame: Float32Array): Promise<number>;
  /** Forgets what it has heard, for another listener; frames that come later start anew. */
  reset(): void;
}

/**
 * Loads the model; rejects when the model or the runtime can't be loaded. Runs in the calling thread, 0.3 to 2 ms a frame.
 * NOTE: once a page or process, since each takes 9 MB and keeps them. `reset` makes it fit for another listener; only one
 * may hear at a time.
 */
export async function createSpeechDetector({ model, wasm }: SpeechDetectorOptions): Promise<SpeechDetector> {
  const { wasm: settings } = ort.env;
  // NOTE: more threads need shared memory, which a page gets only where it is isolated from all others.
  settings.numThreads = 1;
  settings.proxy = false;
  if (typeof wasm === 'string') settings.wasmPaths = { wasm };
  else if (wasm) settings.wasmBinary = wasm;
  const session = await ort.InferenceSession.create(model instanceof Uint8Array ? model : new Uint8Array(model));
  const rate = new ort.Tensor('int64', [BigInt(SAMPLE_RATE)], []);

  let state = silentState();
  let context = new Float32Array(CONTEXT_SAMPLES);
  let line: Promise<unknown> = Promise.resolve();

  async function judge(frame: Float32Array): Promise<number> {
    const samples = new Float32Array(CONTEXT_SAMPLES + FRAME_SAMPLES);
    samples.set(context);
    samples.set(frame, CONTEXT_SAMPLES);
    const input = new ort.Tensor('float32', samples, [1, samples.length]);
    const { output, stateN } = await session.run({ input, state, sr: rate });
    if (!output || !stateN)
      throw new Error('The model is not version 5 of Silero VAD: it does not answer output and stateN.');
    state = stateN;
    context = samples.slice(-CONTEXT_SAMPLES);
    return Number(output.data[0]);
  }
  return {
    probability(frame) {
      if (frame.length !== FRAME_SAMPLES) {
        throw new RangeError(
          `A frame has ${frame.length} samples, and the model judges ${FRAME_SAMPLES} (32 ms of 16 kHz).`,
        );
      }
      const judged = line.then(() => judge(frame));
      line = judged.catch(() => {});
      return judged;
    },
    reset() {
      line = line.then(() => {
        state = silentState();
        context = new Float32Array(CONTEXT_SAMPLES);
      });
    },
  };
}

function silentState(): ort.Tensor {
  return new ort.Tensor('float32', new Float32Array(STATE_SHAPE.reduce((size, n) => size * n)), STATE_SHAPE);
}
