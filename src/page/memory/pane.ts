import { h } from '../dom.ts';
import { trouble } from './words.ts';

/** Faster than this, a word about loading would only flicker. */
const PATIENCE_MS = 300;

/** What an answer looks like: a line about it that is also read out, its parts, and what gets the focus, if anything. */
export type Shown = { line: string; nodes: Node[]; focus?: HTMLElement | undefined };

/** A place that shows the answer to the last question asked, what it waits for, or why there is none. */
export interface Pane {
  readonly element: HTMLElement;
  /** Asks, and breaks off what was asked before: of two answers only the later question's is ever shown. Never rejects. */
  load<T>(ask: (signal: AbortSignal) => Promise<T>, show: (answer: T) => Shown): Promise<void>;
  /** Breaks off what was asked, and empties it. */
  clear(): void;
}

/** `waiting` is said when an answer takes its time, as `Looking for past sessions…`. */
export function createPane(waiting: string): Pane {
  const line = h('p', { class: 'line', role: 'status' });
  const content = h('div', { class: 'content' });
  const element = h('div', { class: 'pane', tabindex: -1 }, line, content);
  let asked = new AbortController();

  function put({ line: words, nodes, focus }: Shown): void {
    const lost = content.contains(document.activeElement);
    line.textContent = words;
    content.replaceChildren(...nodes);
    if (focus) focus.focus();
    // NOTE: focus on something that goes away would fall back to the start of the page.
    else if (lost) element.focus({ preventScroll: true });
  }

  async function load<T>(ask: (signal: AbortSignal) => Promise<T>, show: (answer: T) => Shown): Promise<void> {
    asked.abort();
    asked = new AbortController();
    const { signal } = asked;
    content.setAttribute('aria-busy', 'true');
    const patience = setTimeout(() => {
      line.textContent = waiting;
    }, PATIENCE_MS);
    signal.addEventListener('abort', () => clearTimeout(patience));
    try {
      const answer = await ask(signal);
      if (!signal.aborted) put(show(answer));
    } catch (thrown) {
      if (signal.aborted) return;
      const again = h('button', { type: 'button', onclick: () => void load(ask, show) }, 'Try again');
      put({ line: '', nodes: [h('p', { class: 'trouble', role: 'alert' }, trouble(thrown)), again] });
    } finally {
      clearTimeout(patience);
      if (!signal.aborted) content.removeAttribute('aria-busy');
    }
  }

  return {
    element,
    load,
    clear() {
      asked.abort();
      content.removeAttribute('aria-busy');
      line.textContent = '';
      content.replaceChildren();
    },
  };
}
