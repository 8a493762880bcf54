import type { Hit, Rest, SessionOverview } from '../../client/index.ts';
import { h } from '../dom.ts';
import { entryList, hitEntry, sessionEntry } from './entries.ts';
import { createPane, type Shown } from './pane.ts';
import { countOf, fullDay } from './words.ts';

const TYPING_MS = 200;
const FIRST_SESSIONS = 20;
/** The agent gives no more at once. */
const MOST_SESSIONS = 100;
const MOST_HITS = 50;
const MAX_QUERY_CHARS = 2000;

/** A session to be opened, with what the list knows of it, or with the exchange that the search found in it. */
export type Chosen = { sessionId: string; title: string; session?: SessionOverview; captureId?: number };

export type OverviewDeps = {
  rest: () => Rest;
  current: () => string | undefined;
  open: (chosen: Chosen) => void;
};

/** The search field, and below it what it finds, or the past sessions while it is empty. */
export interface Overview {
  readonly element: HTMLElement;
  /** Asks afresh for what is shown. */
  refresh(): Promise<void>;
  /** Gives the focus to what stands where the entry stood that was chosen last; where nothing does, to the field. */
  focus(): void;
}

export function createOverview({ rest, current, open }: OverviewDeps): Overview {
  const field = h('input', {
    id: 'memory-query',
    type: 'search',
    maxlength: MAX_QUERY_CHARS,
    autocomplete: 'off',
    oninput: typed,
  });
  const form = h('form', { role: 'search', class: 'search', onsubmit: submitted });
  form.append(h('label', { for: field.id }, 'Search what was said'), field);
  const pane = createPane('Looking…');
  let pause: ReturnType<typeof setTimeout> | undefined;
  let limit = FIRST_SESSIONS;
  let place = 0;

  function typed(): void {
    clearTimeout(pause);
    pause = setTimeout(() => void refresh(), TYPING_MS);
  }
  function submitted(event: Event): void {
    event.preventDefault();
    void refresh();
  }
  function refresh(): Promise<void> {
    clearTimeout(pause);
    const query = field.value.trim();
    if (query === '') return pane.load(askSessions, showSessions);
    return pane.load(
      (signal) => rest().search(query, { limit: MOST_HITS, signal }),
      ({ results }) => showHits(query, results),
    );
  }
  function opener(index: number, chosen: Chosen): () => void {
    return () => {
      place = index;
      open(chosen);
    };
  }

  // One more than are shown tells whether there are more.
  const askSessions = (signal: AbortSignal) => rest().sessions({ limit: Math.min(limit + 1, MOST_SESSIONS), signal });

  function showSessions({ sessions }: { sessions: SessionOverview[] }): Shown {
    const entries = sessions.slice(0, limit).map((session, index) => {
      const { session_id: sessionId, first_words: words } = session;
      const chosen = { sessionId, title: words, session };
      return sessionEntry(session, sessionId === current(), opener(index, chosen));
    });
    const line = lineOf(entries.length, sessions.length);
    if (entries.length === 0) return { line, nodes: [] };
    const nodes: Node[] = [entryList('Past sessions', entries)];
    if (sessions.length > limit) nodes.push(h('button', { type: 'button', onclick: more }, 'Show more sessions'));
    return { line, nodes };
  }
  function more(): void {
    limit = MOST_SESSIONS;
    void pane.load(askSessions, (answer) => {
      const shown = showSessions(answer);
      return { ...shown, focus: entriesOf(shown.nodes[0])[FIRST_SESSIONS] };
    });
  }

  function showHits(query: string, hits: Hit[]): Shown {
    if (hits.length === 0) {
      return { line: `Nothing was found for “${query}”. Try fewer words, others, or the beginning of one.`, nodes: [] };
    }
    const entries = hits.map((hit, index) => {
      const title = `Session of ${fullDay(new Date(hit.timestamp))}`;
      return hitEntry(hit, opener(index, { sessionId: hit.session_id, title, captureId: hit.id }));
    });
    const found = `${countOf(hits.length, 'exchange')} found for “${query}”.`;
    const line = hits.length < MOST_HITS ? found : `The ${MOST_HITS} best for “${query}”: more words narrow them down.`;
    return { line, nodes: [entryList('What was found', entries)] };
  }

  return {
    element: h('div', { class: 'overview' }, form, pane.element),
    refresh,
    focus() {
      const entries = entriesOf(pane.element);
      (entries[Math.min(place, entries.length - 1)] ?? field).focus();
    },
  };
}

function lineOf(shown: number, asked: number): string {
  if (shown === 0) return 'No past sessions yet: what is said in Talk is kept here.';
  if (shown === MOST_SESSIONS) {
    return `The latest ${shown} sessions. Older ones, if there are any, turn up in the search and in the export.`;
  }
  return shown < asked ? `The latest ${shown} sessions.` : `${countOf(shown, 'session')}, latest first.`;
}

function entriesOf(node: Node | undefined): HTMLElement[] {
  return node instanceof Element ? [...node.querySelectorAll<HTMLElement>('.entry')] : [];
}
