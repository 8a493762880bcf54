import type { WireTimings } from '../client/index.ts';
import { h } from './dom.ts';
import type { Marks } from './marks.ts';
import { rowsOf } from './timeline.ts';

/** A table with a bar for each stage and a tick for each moment. */
export function waterfall(timings: WireTimings, marks: Pick<Marks, 'get'>): HTMLTableElement {
  const rows = rowsOf(timings, marks);
  const end = Math.max(1, ...rows.map(({ start, ms }) => start + ms));
  const body = rows.map(({ name, start, ms, moment }) => {
    const bar = h('span', { class: moment ? 'tick' : 'bar' });
    bar.style.marginInlineStart = `${(start / end) * 100}%`;
    if (!moment) bar.style.width = `${Math.max(0.5, (ms / end) * 100)}%`;
    const time = h('td', {}, moment ? `at ${milliseconds(start)}` : milliseconds(ms));
    return h('tr', {}, h('th', { scope: 'row' }, name), h('td', { class: 'line', 'aria-hidden': 'true' }, bar), time);
  });
  return h('table', { class: 'waterfall' }, h('caption', {}, 'From the end of your words'), h('tbody', {}, ...body));
}

/** `7.4 ms`, `312 ms`, `1.25 s`. */
export function milliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
