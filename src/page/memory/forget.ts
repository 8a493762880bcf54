import { ProblemError, type Rest } from '../../client/index.ts';
import { h } from '../dom.ts';
import { countOf, trouble } from './words.ts';

/** Asks before a session is deleted, says what is lost, and deletes it. */
export interface Forget {
  readonly element: HTMLElement;
  /** `exchanges` says how many are lost, if that is known. */
  ask(sessionId: string, exchanges: number | undefined): void;
}

/** `gone` hears of each session that was deleted, or had been before. */
export function createForget({ rest, gone }: { rest: () => Rest; gone: (sessionId: string) => void }): Forget {
  const loss = h('p', { id: 'forget-loss' });
  const problem = h('p', { class: 'trouble', role: 'alert' });
  const confirm = h('button', { type: 'button', class: 'danger', onclick: () => void forget() });
  const keep = h('button', { autofocus: true }, 'Keep it');
  const element = h(
    'dialog',
    { 'aria-labelledby': 'forget-title', 'aria-describedby': loss.id, oncancel: stay },
    h('h2', { id: 'forget-title' }, 'Delete this session?'),
    loss,
    problem,
    h('form', { method: 'dialog', class: 'actions' }, keep, confirm),
  );
  let asked = '';

  /** While it deletes it is too late to keep anything. */
  function deleting(underway: boolean): void {
    keep.disabled = underway;
    confirm.textContent = underway ? 'Deleting…' : 'Delete for good';
  }
  function stay(event: Event): void {
    if (keep.disabled) event.preventDefault();
  }
  async function forget(): Promise<void> {
    const sessionId = asked;
    if (keep.disabled) return;
    deleting(true);
    problem.textContent = '';
    try {
      await rest()
        .forget(sessionId)
        .catch((thrown) => {
          if (!(thrown instanceof ProblemError && thrown.kind === 'not_found')) throw thrown;
        });
      element.close();
      gone(sessionId);
    } catch (thrown) {
      // NOTE: a second Esc closes a dialog whatever its page says; the words are still there, and that must be told.
      if (!element.open) element.showModal();
      problem.textContent = `Nothing was deleted. ${trouble(thrown)}`;
    } finally {
      deleting(false);
    }
  }

  return {
    element,
    ask(sessionId, exchanges) {
      asked = sessionId;
      const lost = exchanges === undefined ? 'All its exchanges' : `Its ${countOf(exchanges, 'exchange')}`;
      loss.textContent = `${lost} will be gone for good, your words and the companion’s, and the search will not know them any more. What they cost stays counted.`;
      problem.textContent = '';
      deleting(false);
      element.showModal();
    },
  };
}
