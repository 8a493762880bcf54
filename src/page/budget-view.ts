import type { WireBudget } from '../client/index.ts';
import { dollars } from './dollars.ts';
import { h } from './dom.ts';

/** What the session and the month have cost, of what they may. */
export function showBudget(list: HTMLElement, budget: WireBudget | undefined): void {
  if (!budget) return;
  const item = (name: string, { spent_usd: spent, limit_usd: limit }: WireBudget['session']) => {
    if (limit === null) return h('div', {}, h('dt', {}, name), h('dd', {}, dollars(spent)));
    const bar = h('meter', {
      min: 0,
      max: limit,
      high: limit * 0.8,
      optimum: 0,
      value: spent,
      'aria-label': `${name}: spent`,
    });
    return h('div', {}, h('dt', {}, name), h('dd', {}, `${dollars(spent)} of $${limit} `, bar));
  };
  list.replaceChildren(item('Session', budget.session), item('Month', budget.month));
}
