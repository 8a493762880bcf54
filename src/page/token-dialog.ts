import { byId } from './dom.ts';

/** Asks for the token of a protected agent; `given` gets it. Returns how to ask, with what is wrong with the last one. */
export function createTokenDialog(given: (token: string) => void): (why?: string) => void {
  const dialog = byId('token-dialog', HTMLDialogElement);
  const field = byId('token', HTMLInputElement);
  const problem = byId('token-problem', HTMLElement);
  byId('token-form', HTMLFormElement).addEventListener('submit', () => {
    const token = field.value.trim();
    field.value = '';
    given(token);
  });
  // Without a token there is nothing to do here, so Esc must not leave an empty page.
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  return (why) => {
    if (why) problem.textContent = why;
    if (!dialog.open) dialog.showModal();
  };
}
