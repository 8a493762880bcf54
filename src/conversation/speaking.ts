import { Cancelled } from '../errors.ts';
import type { SpokenAudio, Synthesizer } from './ports.ts';
import { createSentenceSplitter } from './sentences.ts';

/**
 * Speaks a reply while it is still being written: each sentence's synthesis starts at once, the sound goes out in order.
 * `paid` hears of every sentence that was synthesised, `heard` of those that reached the learner.
 */
export function createSpeaking(options: {
  synthesizer: Synthesizer;
  signal: AbortSignal;
  paid: (sentence: string) => void;
  heard: (audio: SpokenAudio) => void;
}) {
  const { synthesizer, signal, paid, heard } = options;
  const splitter = createSentenceSplitter();
  const stop = new AbortController();
  const follow = () => stop.abort(signal.reason);
  signal.addEventListener('abort', follow);
  const underway: Promise<unknown>[] = [];
  let spoken: Promise<void> = Promise.resolve();

  async function synthesize(sentence: string): Promise<SpokenAudio> {
    const audio = await synthesizer.synthesize(sentence, stop.signal);
    paid(sentence);
    return audio;
  }
  function speak(piece: string): void {
    const sentence = piece.trim();
    if (sentence === '') return;
    const audio = synthesize(sentence);
    spoken = spoken.then(async () => {
      const ready = await audio;
      if (!stop.signal.aborted) heard(ready);
    });
    // NOTE: a failure is thrown by finish(); until then neither promise may count as unhandled.
    underway.push(
      audio.catch(() => {}),
      spoken.catch(() => {}),
    );
  }
  return {
    say: (delta: string): void => splitter.push(delta).forEach(speak),
    /** Speaks the rest; throws what went wrong first, after everything before it was heard. */
    async finish(): Promise<void> {
      splitter.flush().forEach(speak);
      await spoken;
    },
    /** Breaks off what nobody will hear any more. Afterwards nothing is paid and nothing is heard. */
    async settle(): Promise<void> {
      signal.removeEventListener('abort', follow);
      stop.abort(new Cancelled('over'));
      await Promise.all(underway);
    },
  };
}
