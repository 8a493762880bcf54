import type { Listener, ListenerOptions, SpeechDetector } from '../listening/index.ts';

const MODEL = '/vendor/silero-vad.onnx';
const RUNTIME = '/vendor/onnxruntime-web.wasm';

/** Begins to listen. Rejects with an Error that says the cure. */
export type ListenHandsFree = (on: Omit<ListenerOptions, 'probability'>) => Promise<Listener>;

/**
 * Tells speech from silence. What it takes (16 MB) is loaded when it is first wanted, once a page: the browser keeps the
 * files, and a second model would take its memory again.
 */
export function createHandsFree(): ListenHandsFree {
  let loaded: Promise<{ listening: typeof import('../listening/index.ts'); detector: SpeechDetector }> | undefined;

  async function load() {
    const [listening, model] = await Promise.all([import('../listening/index.ts'), fetchModel()]);
    return { listening, detector: await listening.createSpeechDetector({ model, wasm: RUNTIME }) };
  }
  return async (on) => {
    try {
      loaded ??= load();
      const { listening, detector } = await loaded;
      detector.reset();
      return listening.createListener({ ...on, probability: detector.probability });
    } catch (thrown) {
      loaded = undefined;
      throw new Error(
        `Hands-free can’t be used here (${(thrown as Error).message}): hold the button to talk instead.`,
        {
          cause: thrown,
        },
      );
    }
  };
}

async function fetchModel(): Promise<ArrayBuffer> {
  const response = await fetch(MODEL);
  if (!response.ok) throw new Error(`${MODEL} answers ${response.status}`);
  return response.arrayBuffer();
}
