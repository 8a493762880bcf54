import { byId } from './dom.ts';
import type { Talk } from './talk.ts';

/** The agent's limit. */
const MAX_CHARS = 8000;

/** Typed words and recordings made before. `on.say` hears that something is about to be said, `on.problem` why it can't be. */
export function createWrite(talk: Talk, on: { say: () => void; problem: (thrown: unknown) => void }): void {
  const form = byId('text-form', HTMLFormElement);
  const text = byId('text', HTMLTextAreaElement);
  const recording = byId('recording', HTMLInputElement);

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (text.value.trim() === '') return;
    attempt(() => {
      const { length } = text.value;
      if (length > MAX_CHARS)
        throw new Error(`That has ${length} characters, and ${MAX_CHARS} are allowed: say it in parts.`);
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
      on.say();
      say();
    } catch (thrown) {
      on.problem(thrown);
    }
  }
}
