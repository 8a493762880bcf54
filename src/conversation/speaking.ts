import type { SpokenAudio, Synthesizer } from './ports.ts';
import { createSentenceSplitter } from './sentences.ts';

/**
 * Speaks a reply while it is still being written: each sentence's synthesis starts at once, the sound goes out in order.
 * `finish` speaks the rest and throws what went wrong first; after a failure no more sound goes out.
 */
export function createSpeaking(options: {
  synthesizer: Synthesizer;
  signal: AbortSignal;
  heard: (audio: SpokenAudio, sentence: string) => void;
}) {
  const splitter = createSentenceSplitter();
  let spoken: Promise<void> = Promise.resolve();
  const speak = (sentence: string) => {
    if (sentence.trim() === '') return;
    const audio = options.synthesizer.synthesize(sentence.trim(), options.signal);
    spoken = Promise.all([audio, spoken]).then(([ready]) => {
      if (!options.signal.aborted) options.heard(ready, sentence.trim());
    });
    // NOTE: the failure is thrown by finish(); until then it must not count as unhandled.
    spoken.catch(() => {});
  };
  return {
    say: (delta: string): void => splitter.push(delta).forEach(speak),
    async finish(): Promise<void> {
      splitter.flush().forEach(speak);
      await spoken;
    },
  };
}
