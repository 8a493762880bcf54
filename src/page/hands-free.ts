import type { Listener, ListenerOptions } from '../listening/index.ts';

const MODEL = '/vendor/silero-vad.onnx';
const RUNTIME = '/vendor/onnxruntime-web.wasm';

/**
 * Loads what tells speech from silence (16 MB, once: the browser keeps it), and listens with it. Rejects with an Error
 * that says the cure.
 */
export async function listenHandsFree(on: Omit<ListenerOptions, 'probability'>): Promise<Listener> {
  try {
    const [{ createListener, createSpeechDetector }, model] = await Promise.all([
      import('../listening/index.ts'),
      fetch(MODEL).then((response) => {
        if (!response.ok) throw new Error(`${MODEL} answers ${response.status}`);
        return response.arrayBuffer();
      }),
    ]);
    const { probability } = await createSpeechDetector({ model, wasm: RUNTIME });
    return createListener({ ...on, probability });
  } catch (thrown) {
    throw new Error(`Hands-free can't be used here (${(thrown as Error).message}): hold the button to talk instead.`, {
      cause: thrown,
    });
  }
}
