import { SAMPLE_RATE } from '../listening/frames.ts';

export interface Microphone {
  /** Opens it, or keeps it open; asks the learner's permission the first time. Throws an Error that says the cure. */
  open(): Promise<void>;
  close(): void;
}

/** The learner's microphone. `on.frame` gets 512 mono samples (32 ms) at a time; `on.lost` hears why it closed by itself. */
export function createMicrophone(on: {
  frame: (frame: Float32Array) => void;
  lost: (why: string) => void;
}): Microphone {
  let opened: Promise<() => void> | undefined;

  async function start(): Promise<() => void> {
    const stream = await ask();
    let context: AudioContext | undefined;
    let frames: AudioWorkletNode | undefined;
    const stop = () => {
      if (frames) frames.port.onmessage = null;
      for (const track of stream.getTracks()) track.stop();
      void context?.close();
    };
    try {
      const source = listenTo(stream);
      context = source.context as AudioContext;
      await context.audioWorklet.addModule(new URL('./frames.worklet.ts', import.meta.url));
      frames = new AudioWorkletNode(context, 'frames', { numberOfOutputs: 0 });
      frames.port.onmessage = ({ data }) => on.frame(data);
      source.connect(frames);
      await context.resume();
    } catch (thrown) {
      stop();
      throw new Error(
        `The microphone can't be used here (${(thrown as Error).message}): write instead, or try another browser.`,
      );
    }
    for (const track of stream.getTracks()) {
      track.onended = () => {
        close();
        on.lost('The microphone went away: plug it in again, or choose another one in the browser.');
      };
    }
    return stop;
  }

  function close(): void {
    opened?.then(
      (stop) => stop(),
      () => {},
    );
    opened = undefined;
  }

  return {
    async open() {
      opened ??= start();
      const mine = opened;
      try {
        await mine;
      } catch (thrown) {
        if (opened === mine) opened = undefined;
        throw thrown;
      }
    },
    close,
  };
}

/** At 16 kHz, where the browser resamples; else at the machine's own rate, and the worklet does. */
function listenTo(stream: MediaStream): MediaStreamAudioSourceNode {
  const context = new AudioContext({ sampleRate: SAMPLE_RATE });
  try {
    return context.createMediaStreamSource(stream);
  } catch {
    // NOTE: Firefox takes no stream into a context of another rate: https://bugzilla.mozilla.org/show_bug.cgi?id=1674892
    void context.close();
    return new AudioContext().createMediaStreamSource(stream);
  }
}

async function ask(): Promise<MediaStream> {
  // NOTE: browsers hide mediaDevices from pages that came over plain HTTP from elsewhere.
  if (!navigator.mediaDevices) {
    throw new Error(
      'The browser gives its microphone only to pages over HTTPS or from this machine: open the page that way, or write.',
    );
  }
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (thrown) {
    throw new Error(cure((thrown as DOMException).name), { cause: thrown });
  }
}

function cure(name: string): string {
  if (name === 'NotAllowedError')
    return 'The microphone is blocked: allow it beside the address bar, then try again. Until then you can write.';
  if (name === 'NotFoundError') return 'No microphone was found: plug one in and try again, or write.';
  if (name === 'NotReadableError') return 'Another program holds the microphone: close it and try again, or write.';
  return `The microphone could not be opened (${name}): try again, or write.`;
}
