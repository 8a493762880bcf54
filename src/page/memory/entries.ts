import type { Hit, SessionOverview } from '../../client/index.ts';
import { h } from '../dom.ts';
import { segments } from './snippet.ts';
import { ago, countOf, fullTime } from './words.ts';

const STATUS: Record<SessionOverview['status'], string> = { active: 'open', ended: 'ended', expired: 'left off' };

/** A list whose every entry is one button, named by all that it shows. */
export function entryList(label: string, entries: HTMLElement[]): HTMLElement {
  // NOTE: without bullets, Safari takes a list for none unless its role is said.
  return h(
    'ul',
    { class: 'entries', role: 'list', 'aria-label': label },
    ...entries.map((entry) => h('li', {}, entry)),
  );
}

/** A past session: its first words, when it was, how long it is and how it stands. */
export function sessionEntry(session: SessionOverview, current: boolean, open: () => void): HTMLElement {
  return h(
    'button',
    { type: 'button', class: 'entry', onclick: open },
    h('span', { class: 'words' }, session.first_words),
    ' ',
    sessionFacts(session, current),
  );
}

/** When it was, how long it is and how it stands. */
export function sessionFacts(session: SessionOverview, current: boolean): HTMLElement {
  const facts = [countOf(session.exchange_count, 'exchange'), current ? 'the one you are in' : STATUS[session.status]];
  return h('span', { class: 'facts' }, when(session.last_activity), ` · ${facts.join(' · ')}`);
}

/** An exchange in which the search found its words. */
export function hitEntry(hit: Hit, open: () => void): HTMLElement {
  return h(
    'button',
    { type: 'button', class: 'entry', onclick: open },
    h('span', { class: 'asked' }, h('strong', {}, 'You: '), ...snippet(hit.user_snippet)),
    ' ',
    h('span', { class: 'answered' }, h('strong', {}, 'Companion: '), ...snippet(hit.agent_snippet)),
    ' ',
    h('span', { class: 'facts' }, when(hit.timestamp)),
  );
}

/** A moment, as `2 hours ago (Nov 25, 2026, 8:23 AM)`. */
export function when(timestamp: string): HTMLElement {
  const time = new Date(timestamp);
  return h('time', { datetime: timestamp }, `${ago(time, new Date())} (${fullTime(time)})`);
}

function snippet(html: string): (Node | string)[] {
  return segments(html).map(({ text, marked }) => (marked ? h('mark', {}, text) : text));
}
