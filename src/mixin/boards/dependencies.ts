import { CONFIG } from '../config.ts';
import { recorded } from '../rules/recordings.ts';
import { type Board, levelOf, none, type Panel, q, recordedAs } from './board.ts';
import { costPerHour, costPerMonth } from './money.ts';
import { claude, unpriced, voice } from './providers.ts';

const W = '$__rate_interval';
const NO_AGENT = 'No agent is known yet';
const { LowCacheHitRatio: cacheHits } = CONFIG.alerts;

const health: Panel = {
  key: 'dependencies-up',
  title: 'Dependencies',
  help: 'The last check of each dependency, the worst of all instances; Claude and Whisper are asked for their free model list once a minute. Redis is missing where it is not configured.',
  kind: 'states',
  unit: 'up',
  width: 24,
  noValue: 'No dependency was checked yet',
  alerts: ['DatabaseDown', 'RedisDown'],
  thresholds: [none('critical')],
  queries: [{ expr: q.gauge('min', 'dependency_up', { by: ['dependency'] }), legend: '{{dependency}}' }],
};

const budgets: Panel = {
  key: 'budgets',
  title: 'Budgets spent',
  help: 'Share of the month’s budget that is spent, and of the session that spent most. At 1 turns are refused. Without a limit it stays 0.',
  kind: 'lines',
  unit: 'percentunit',
  width: 12,
  noValue: NO_AGENT,
  alerts: ['BudgetNearlySpent'],
  thresholds: [
    levelOf('BudgetNearlySpent'),
    { at: CONFIG.alerts.BudgetNearlySpent.critical, side: 'above', severity: 'critical' },
  ],
  queries: [{ expr: q.gauge('max', 'budget_spent_ratio', { by: ['budget'] }), legend: '{{budget}}' }],
};

const database: readonly Panel[] = [
  {
    key: 'database-rate',
    title: 'Database queries',
    help: 'SQL statements a second by what they do; other is begin, commit and schema.',
    kind: 'stacked',
    unit: 'ops',
    width: 8,
    noValue: NO_AGENT,
    queries: [{ expr: q.rate('database_queries_total', W, { by: ['operation'] }), legend: '{{operation}}' }],
  },
  {
    key: 'database-duration',
    title: 'Database: time of a query, p95',
    help: '95th percentile of each kind of statement, without the wait for a connection.',
    kind: 'lines',
    unit: 's',
    width: 8,
    noValue: 'No query in the window',
    queries: [
      { expr: q.quantile(0.95, 'database_query_duration_seconds', W, { by: ['operation'] }), legend: '{{operation}}' },
    ],
  },
  {
    key: 'database-failed',
    title: 'Database: failed',
    help: 'Share of the statements that failed. A turn that cannot be stored is not answered.',
    kind: 'lines',
    unit: 'percentunit',
    width: 4,
    noValue: 'No query in the window',
    queries: [{ expr: q.share('database_queries_total', W, { part: { status: 'error' } }), legend: 'failed' }],
  },
  {
    key: 'database-connections',
    title: 'Database connections',
    help: 'Connections that the pools have given out now. As many as there are, for long, means that queries wait.',
    kind: 'lines',
    unit: 'short',
    width: 4,
    noValue: NO_AGENT,
    queries: [{ expr: q.gauge('sum', 'database_connections_active', { by: ['instance'] }), legend: '{{instance}}' }],
  },
];

const cache: readonly Panel[] = [
  {
    key: 'cache-hits',
    title: 'Cache hit ratio',
    help: `Share of the context look-ups that hit, over ${cacheHits.window}; the alert wants ${cacheHits.atLeast} look-ups before it says anything. The first turn of a session always misses.`,
    kind: 'lines',
    unit: 'percentunit',
    width: 12,
    min: 0,
    max: 1,
    noValue: 'No look-up in the window',
    alerts: ['LowCacheHitRatio'],
    thresholds: [levelOf('LowCacheHitRatio')],
    queries: [
      { expr: recordedAs(recorded.cacheHits), legend: `all, over ${cacheHits.window}` },
      { expr: q.gauge('avg', 'cache_hit_ratio', { by: ['instance'] }), legend: '{{instance}}, over 5m' },
    ],
  },
  {
    key: 'cache-rate',
    title: 'Cache operations',
    help: 'Operations a second on the context cache by how they ended; errors cost no turn, its context then comes from the database.',
    kind: 'stacked',
    unit: 'ops',
    width: 12,
    noValue: NO_AGENT,
    queries: [
      {
        expr: q.rate('cache_operations_total', W, { by: ['operation', 'status'] }),
        legend: '{{operation}} {{status}}',
      },
    ],
  },
];

/** What a turn needs from others, and what it pays for. */
export const dependencies: Board = {
  uid: 'lva-dependencies',
  title: 'Learning voice agent: dependencies',
  description: 'Claude, Whisper and speech, costs and budgets, database and cache: rate, errors, duration of each.',
  rows: [
    { title: 'Health', height: 6, panels: [health] },
    { title: 'Claude', panels: claude },
    { title: 'Speech: Whisper and the voice', panels: voice },
    { title: 'Money', panels: [costPerHour, costPerMonth, budgets, unpriced] },
    { title: 'Database', panels: database },
    { title: 'Cache', panels: cache },
  ],
};
