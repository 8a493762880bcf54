import { byId } from './dom.ts';

/** Asks for the token of a protected agent; `given` gets it. Returns how to ask, with what is wrong with the last one. */
export function createTokenDialog(given: (token: string) => void): (why: string | undefined) => void {
  const dialog = byId('token-dialog', HTMLDialogElement);
  const field = byId('token', HTMLInputElement);
  const problem = byId('token-problem', HTMLElement);
  let answered = false;
  byId('token-form', HTMLFormElement).addEventListener('submit', () => {
    const token = field.value.trim();
    field.value = '';
    answered = true;
    given(token);
  });
  // Without a token there is nothing to do here. NOTE: a browser closes a dialog on the second Esc, whatever a page says.
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  dialog.addEventListener('close', () => {
    if (!answered) dialog.showModal();
  });
  return (why) => {
    answered = false;
    if (why) problem.textContent = why;
    field.setAttribute('aria-invalid', String(why !== undefined));
    if (!dialog.open) dialog.showModal();
  };
}
