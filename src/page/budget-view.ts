import type { WireBudget } from '../client/index.ts';
import { h } from './dom.ts';
import { dollars } from './turn-view.ts';

/** What the session and the month have cost, and what is left. */
export function showBudget(list: HTMLElement, budget: WireBudget | undefined): void {
  if (!budget) return;
  const item = (name: string, { spent_usd: spent, limit_usd: limit }: WireBudget['session']) => {
    if (limit === null) return h('div', {}, h('dt', {}, name), h('dd', {}, dollars(spent)));
    const left = Math.max(0, limit - spent);
    const bar = h('meter', {
      min: 0,
      max: limit,
      low: limit / 5,
      optimum: limit,
      value: left,
      'aria-label': `${name}: left`,
    });
    return h('div', {}, h('dt', {}, name), h('dd', {}, `${dollars(spent)} spent, $${left.toFixed(2)} left `, bar));
  };
  list.replaceChildren(item('Session', budget.session), item('Month', budget.month));
}
