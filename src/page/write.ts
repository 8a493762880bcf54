import { byId } from './dom.ts';
import type { Talk } from './talk.ts';

/** Typed words and recordings made before: the ways to say something without a microphone. */
export function createWrite(talk: Talk, tell: (problem: string) => void): void {
  const form = byId('text-form', HTMLFormElement);
  const text = byId('text', HTMLTextAreaElement);
  const recording = byId('recording', HTMLInputElement);

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (text.value.trim() === '') return;
    attempt(() => {
      talk.write(text.value);
      form.reset();
    });
  });
  text.addEventListener('keydown', (event) => {
    // NOTE: while an input method composes a character, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  recording.addEventListener('change', async () => {
    const [file] = recording.files ?? [];
    if (!file) return;
    const bytes = await file.bytes();
    recording.value = '';
    attempt(() => talk.send(bytes, file.type));
  });

  /** What can't be said is told, and stays in its field. */
  function attempt(say: () => void): void {
    try {
      say();
    } catch (thrown) {
      tell((thrown as Error).message);
    }
  }
}
