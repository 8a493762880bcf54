import { recorded } from '../rules/recordings.ts';
import { levelOf, type Panel, q, recordedAs } from './board.ts';

const NOTHING = 'No agent is known yet';

/** Panels of cost that more than one board shows. */
export const costPerHour: Panel = {
  key: 'cost-per-hour',
  title: 'Cost per hour',
  help: 'USD an hour by provider, over the last hour, by the price table. Calls of models without a price are missing.',
  kind: 'stacked',
  unit: 'currencyUSD',
  width: 4,
  noValue: NOTHING,
  queries: [{ expr: `3600 * ${q.rate('api_cost_total', '1h', { by: ['provider'] })}`, legend: '{{provider}}' }],
};

export const costPerMonth: Panel = {
  key: 'cost-per-month',
  title: 'A month at this rate',
  help: 'What 30 days like the last hour would cost. The line is the level of the alert; keep it at BUDGET_MONTH_USD.',
  kind: 'lines',
  unit: 'currencyUSD',
  width: 4,
  noValue: NOTHING,
  alerts: ['HighAPICosts'],
  thresholds: [levelOf('HighAPICosts')],
  queries: [{ expr: recordedAs(recorded.monthlyCost), legend: '{{job}}' }],
};
