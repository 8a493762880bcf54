import type { Remembered, Rest } from '../../client/index.ts';
import { h } from '../dom.ts';
import { sessionFacts, when } from './entries.ts';
import { exportButtons } from './export.ts';
import type { Chosen } from './overview.ts';
import { createPane, type Shown } from './pane.ts';
import { countOf } from './words.ts';

/** The agent gives no more at once. */
const MOST_EXCHANGES = 100;
const NAMELESS = 'Session';

export type OpenedDeps = {
  rest: () => Rest;
  current: () => string | undefined;
  resume: (sessionId: string) => void;
  /** Asks whether to delete a session of so many exchanges, if that is known. */
  forget: (sessionId: string, exchanges: number | undefined) => void;
  back: () => void;
};

/** One past session, whole. */
export interface Opened {
  readonly element: HTMLElement;
  /** Shows it in place of what was opened before; the focus goes to its title, or to the exchange that was found. */
  open(chosen: Chosen): Promise<void>;
  close(): void;
}

export function createOpened({ rest, current, resume, forget, back }: OpenedDeps): Opened {
  const title = h('h3', { id: 'memory-session', tabindex: -1 }, NAMELESS);
  const facts = h('p');
  const pane = createPane('Fetching the session…');
  const element = h(
    'section',
    { class: 'opened', 'aria-labelledby': title.id, hidden: true },
    h(
      'button',
      { type: 'button', class: 'back', onclick: back },
      h('span', { 'aria-hidden': 'true' }, '← '),
      'Back to the list',
    ),
    title,
    facts,
    pane.element,
  );

  function show({ sessionId, session, captureId }: Chosen, history: Remembered[]): Shown {
    const whole = history.length < MOST_EXCHANGES;
    const count = whole ? history.length : session && Math.max(session.exchange_count, history.length);
    const actions = h(
      'div',
      { class: 'actions', role: 'group', 'aria-label': 'This session' },
      h('button', { type: 'button', onclick: () => resume(sessionId) }, 'Go on with this session'),
      exportButtons({ rest, sessionId }),
      h('button', { type: 'button', class: 'danger', onclick: () => forget(sessionId, count) }, 'Delete…'),
    );
    const exchanges = history.map(exchange);
    const found = exchanges[history.findIndex(({ id }) => id === captureId)];
    found?.classList.add('found');
    const missed = captureId !== undefined && !found;
    return {
      line: `${lineOf(history.length, count)}${missed ? ' What was found is older than these.' : ''}`,
      nodes: [actions, h('ol', { class: 'exchanges', role: 'list' }, ...exchanges)],
      focus: found,
    };
  }

  return {
    element,
    async open(chosen) {
      title.textContent = chosen.title;
      facts.replaceChildren(...(chosen.session ? [sessionFacts(chosen.session, chosen.sessionId === current())] : []));
      pane.clear();
      element.hidden = false;
      title.focus();
      await pane.load(
        (signal) => rest().history(chosen.sessionId, { limit: MOST_EXCHANGES, signal }),
        ({ history }) => show(chosen, history),
      );
    },
    close() {
      pane.clear();
      title.textContent = NAMELESS;
      facts.replaceChildren();
      element.hidden = true;
    },
  };
}

function lineOf(shown: number, count: number | undefined): string {
  if (shown === 0) return 'Nothing was said in this session.';
  if (count === undefined) return `The latest ${shown} exchanges; older ones, if there are any, are in the export.`;
  if (shown < count) return `The latest ${shown} of ${countOf(count, 'exchange')}; the export has them all.`;
  return `${countOf(shown, 'exchange')}, the first one first.`;
}

function exchange({ timestamp, user_text: you, agent_text: companion, metadata }: Remembered): HTMLElement {
  const facts = [metadata.source === 'speech' ? 'spoken' : 'written'];
  if (metadata.interrupted) facts.push('interrupted');
  return h(
    'li',
    { tabindex: -1 },
    h('p', { class: 'asked' }, h('strong', {}, 'You: '), you),
    h('p', { class: 'answered' }, h('strong', {}, 'Companion: '), companion),
    h('p', { class: 'facts' }, when(timestamp), ` · ${facts.join(' · ')}`),
  );
}
