import type { Pace } from '../pace.ts';
import { alert } from './alert.ts';
import { recorded } from './recordings.ts';
import { type AlertRule, limits, PERCENT, q } from './rule.ts';

/** Claude, Whisper, costs, database, cache. */
export function dependencyAlerts(pace: Pace): AlertRule[] {
  return [...providerAlerts(pace), ...costAlerts(pace), ...storageAlerts(pace)];
}

function providerAlerts({ window, wait }: Pace): AlertRule[] {
  const { ClaudeAPIFailures: claude, WhisperAPIFailures: whisper } = limits;
  const claudeErrors = q.increase('claude_api_calls_total', window(claude.window), {
    where: { status: 'error' },
    by: ['job', 'model'],
  });
  const whisperErrors = q.increase('whisper_api_calls_total', window(whisper.window), { where: { status: 'error' } });
  return [
    alert('ClaudeAPIFailures', {
      expr: `${recorded.claudeFailed} > ${claude.above} and ${claudeErrors} >= ${claude.atLeast}`,
      for: wait(claude.for),
      summary: `${PERCENT} of the calls to Claude ({{ $labels.model }}) fail`,
      description: `More than ${claude.above * 100} % failed over ${claude.window}, ${claude.atLeast} or more, each after its retries: those turns got no answer.`,
    }),
    alert('WhisperAPIFailures', {
      expr: `${recorded.whisperFailed} > ${whisper.above} and ${whisperErrors} >= ${whisper.atLeast}`,
      for: wait(whisper.for),
      summary: `${PERCENT} of the transcriptions fail`,
      description: `More than ${whisper.above * 100} % failed over ${whisper.window}, ${whisper.atLeast} or more: who speaks is not understood, who types is answered.`,
    }),
  ];
}

function costAlerts({ window, wait }: Pace): AlertRule[] {
  const { HighAPICosts: costs, BudgetNearlySpent: budget, UnpricedModel: unpriced } = limits;
  const spent = q.gauge('max', 'budget_spent_ratio', { where: { budget: 'month' } });
  return [
    alert('HighAPICosts', {
      expr: `${recorded.monthlyCost} > ${costs.above}`,
      for: wait(costs.for),
      summary: 'A month at this rate costs {{ $value | printf "$%.2f" }}',
      description: `The last hour's spending, kept up for 30 days, exceeds $${costs.above}.`,
    }),
    alert('BudgetNearlySpent', {
      expr: `${spent} >= ${budget.from}`,
      for: wait(budget.for),
      summary: `${PERCENT} of the month's budget is spent`,
      description: 'At 100 % every turn is refused until the month ends or BUDGET_MONTH_USD is raised.',
    }),
    alert('BudgetNearlySpent', {
      expr: `${spent} >= ${budget.critical}`,
      for: wait(budget.for),
      severity: 'critical',
      summary: `The month's budget is spent (${PERCENT}): every learner is refused`,
      description:
        'It ends with the month, or when BUDGET_MONTH_USD is raised. Refused turns are no failures: no other alert tells.',
    }),
    alert('UnpricedModel', {
      expr: `${q.increase('api_cost_unpriced_total', window(unpriced.window), { by: ['job', 'provider'] })} > 0`,
      summary: '{{ $value | printf "%.0f" }} calls to {{ $labels.provider }} have no price',
      description: 'Their model is not in the price table: costs and budgets are too low until it is added.',
    }),
  ];
}

function storageAlerts({ window, wait }: Pace): AlertRule[] {
  const { DatabaseDown: database, RedisDown: redis, LowCacheHitRatio: cache } = limits;
  const lookups = q.increase('cache_operations_total', window(cache.window), {
    where: { operation: 'get', status: ['hit', 'miss'] },
  });
  return [
    alert('DatabaseDown', {
      expr: `${q.gauge('min', 'dependency_up', { where: { dependency: 'database' }, by: ['job', 'instance'] })} == 0`,
      for: wait(database.for),
      summary: '{{ $labels.instance }} cannot use its database: dependency_up is {{ $value }}',
      description: 'No turn can be stored, so none is answered.',
    }),
    alert('RedisDown', {
      expr: `${q.gauge('min', 'dependency_up', { where: { dependency: 'redis' }, by: ['job', 'instance'] })} == 0`,
      for: wait(redis.for),
      summary: '{{ $labels.instance }} cannot reach Redis: dependency_up is {{ $value }}',
      description: 'Turns go on, with their context from the database.',
    }),
    alert('LowCacheHitRatio', {
      expr: `${recorded.cacheHits} < ${cache.below} and ${lookups} >= ${cache.atLeast}`,
      for: wait(cache.for),
      summary: `Only ${PERCENT} of the context look-ups hit`,
      description: `Under ${cache.below * 100} % over ${cache.window}, of ${cache.atLeast} or more: most turns read their context from the database.`,
    }),
  ];
}
