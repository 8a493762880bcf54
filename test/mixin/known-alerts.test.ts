import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/stack/parts.ts';
import type { AlertName } from '../../src/mixin/config.ts';
import { ALERTS } from '../e2e/known-queries.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { promtool } from './promtool.ts';

type Scenario = {
  /** The condition that operators had, and how long it had to hold. */
  original: string | undefined;
  for: string;
  ours: AlertName;
  /** Series by selector, one sample a minute; both look at the same. */
  series: Record<string, string>;
  atMin: number;
  /** Whether each is firing then. */
  fires: { original: boolean; ours: boolean };
};

const [errors, claude, cache, slow, costs] = ALERTS;

/** One conversation and one failure a minute, told twice: as errors, and as the turns that they cost. */
test('HighErrorRate was errors a second for each label set, no ratio: silent while every turn fails once a minute', () =>
  holds({
    original: errors,
    for: '5m',
    ours: 'HighErrorRate',
    series: {
      'errors_total{job="learning_voice_agent", instance="a", component="claude", error_type="timeout"}': '0+1x60',
      'voice_turns_total{job="learning_voice_agent", instance="a", outcome="answered"}': '0x60',
      'voice_turns_total{job="learning_voice_agent", instance="a", outcome="failed"}': '0+1x60',
    },
    atMin: 40,
    fires: { original: false, ours: true },
  }));

test('HighErrorRate again: it fired at 1 % of a busy hour', () =>
  holds({
    original: errors,
    for: '5m',
    ours: 'HighErrorRate',
    series: {
      'errors_total{job="learning_voice_agent", instance="a", component="claude", error_type="timeout"}': '0+12x60',
      'voice_turns_total{job="learning_voice_agent", instance="a", outcome="answered"}': '0+1188x60',
      'voice_turns_total{job="learning_voice_agent", instance="a", outcome="failed"}': '0+12x60',
    },
    atMin: 40,
    fires: { original: true, ours: false },
  }));

test('ClaudeAPIFailures was failed calls a second, no share: silent while every call fails once a minute', () =>
  holds({
    original: claude,
    for: '2m',
    ours: 'ClaudeAPIFailures',
    series: {
      'claude_api_calls_total{job="learning_voice_agent", instance="a", model="m1", status="success"}': '0x60',
      'claude_api_calls_total{job="learning_voice_agent", instance="a", model="m1", status="error"}': '0+1x60',
    },
    atMin: 40,
    fires: { original: false, ours: true },
  }));

test('LowCacheHitRatio had no guard: it fired on a process that stands by, whose ratio of nothing is 0', () =>
  holds({
    original: cache,
    for: '10m',
    ours: 'LowCacheHitRatio',
    series: {
      'cache_hit_ratio{job="learning_voice_agent", instance="a"}': '0x60',
      'cache_operations_total{job="learning_voice_agent", instance="a", operation="get", status="hit"}': '0x60',
      'cache_operations_total{job="learning_voice_agent", instance="a", operation="get", status="miss"}': '0x60',
    },
    atMin: 40,
    fires: { original: true, ours: false },
  }));

test('LowCacheHitRatio again: it fired on the first look-ups of a few learners, which cannot hit', () =>
  holds({
    original: cache,
    for: '10m',
    ours: 'LowCacheHitRatio',
    series: {
      'cache_hit_ratio{job="learning_voice_agent", instance="a"}': '0x60',
      'cache_operations_total{job="learning_voice_agent", instance="a", operation="get", status="hit"}': '0x60',
      'cache_operations_total{job="learning_voice_agent", instance="a", operation="get", status="miss"}': '0+1x60',
    },
    atMin: 40,
    fires: { original: true, ours: false },
  }));

/** One search a minute takes 3 s; a thousand page loads take none. */
test('SlowResponseTime was one quantile for each label set: it fired for one rare route while all answers together were fast', () =>
  holds({
    original: slow,
    for: '5m',
    ours: 'SlowResponseTime',
    series: {
      ...bucketsOf('/', { '1': '0+1000x60', '2.5': '0+1000x60', '5': '0+1000x60', '+Inf': '0+1000x60' }),
      ...bucketsOf('/api/search', { '1': '0x60', '2.5': '0x60', '5': '0+1x60', '+Inf': '0+1x60' }),
    },
    atMin: 40,
    fires: { original: true, ours: false },
  }));

/** 0.001 USD a minute is $43.20 in 30 days; 720 hours are no number of seconds. */
test('HighAPICosts took dollars a second for dollars an hour: silent at $43 a month', () =>
  holds({
    original: costs,
    for: '1h',
    ours: 'HighAPICosts',
    series: { 'api_cost_total{job="learning_voice_agent", instance="a", provider="anthropic"}': '0+0.001x180' },
    atMin: 150,
    fires: { original: false, ours: true },
  }));

function bucketsOf(endpoint: string, values: Record<string, string>): Record<string, string> {
  const labels = `job="learning_voice_agent", instance="a", endpoint="${endpoint}", method="GET"`;
  const buckets = Object.entries(values).map(([le, series]) => [
    `http_request_duration_seconds_bucket{${labels}, le="${le}"}`,
    series,
  ]);
  return Object.fromEntries([...buckets, [`http_request_duration_seconds_count{${labels}}`, values['+Inf'] ?? '']]);
}

/** Both alerts look at the same series. */
async function holds({ original, for: wait, ours, series, atMin, fires }: Scenario): Promise<void> {
  await using folder = await temporaryDir();
  const rules = { groups: [{ name: 'theirs', rules: [{ alert: 'Original', expr: original, for: wait }] }] };
  await writeFile(join(folder.path, 'original.yml'), JSON.stringify(rules));
  const firing = (alert: string, is: boolean) => ({
    expr: `count by (alertname) (count by (alertname, job) (ALERTS{alertname="${alert}", alertstate="firing"}))`,
    eval_time: `${atMin}m`,
    exp_samples: is ? [{ labels: `{alertname="${alert}"}`, value: 1 }] : [],
  });
  const suite = {
    rule_files: ['original.yml', join(ROOT, 'alerts/rules.yml')],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: Object.entries(series).map(([selector, values]) => ({ series: selector, values })),
        promql_expr_test: [firing('Original', fires.original), firing(ours, fires.ours)],
      },
    ],
  };
  const path = join(folder.path, 'known.test.yml');
  await writeFile(path, JSON.stringify(suite));
  const output = await promtool('test', 'rules', path);
  assert.match(output, /SUCCESS/, output);
}
