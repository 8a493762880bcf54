import assert from 'node:assert/strict';
import { test } from 'node:test';
import { histogramQuantile } from '../../src/telemetry/snapshot.ts';
import { observeGauges } from '../../src/telemetry/watch/gauges.ts';
import { createHitRatio } from '../../src/telemetry/watch/hit-ratio.ts';
import { startMeter } from '../support/meter.ts';

const histogram = (boundaries: number[], counts: number[]) => ({ buckets: { boundaries, counts }, count: 0 });

test('quantiles follow the rule of PromQL', () => {
  assert.equal(histogramQuantile(0.5, []), null);
  assert.equal(histogramQuantile(0.5, [histogram([1, 2, 4], [0, 0, 0, 0])]), null);
  assert.equal(histogramQuantile(0.5, [histogram([1, 2, 4], [0, 4, 0, 0])]), 1.5);
  assert.equal(histogramQuantile(0.5, [histogram([1, 2, 4], [2, 0, 0, 0]), histogram([1, 2, 4], [0, 0, 2, 0])]), 1);
  assert.equal(histogramQuantile(0.99, [histogram([1, 2, 4], [0, 0, 0, 5])]), 4);
});

test('a quantile never leaves what was seen', async () => {
  await using meter = startMeter();
  const { voice_turn_duration_seconds: durations } = meter.instruments;
  durations.record(0.03, { outcome: 'answered' });
  assert.equal((await meter.snapshot()).quantile('voice_turn_duration_seconds', 0.95), 0.03);
  durations.record(0.56, { outcome: 'failed' });
  assert.equal((await meter.snapshot()).quantile('voice_turn_duration_seconds', 0.99), 0.56);
});

test('sums, parts and missing samples', async () => {
  await using meter = startMeter();
  meter.instruments.api_cost_total.add(0.5, { provider: 'openai' });
  meter.instruments.api_cost_total.add(0.25, { provider: 'anthropic' });
  const snapshot = await meter.snapshot();
  assert.equal(snapshot.sum('api_cost_total'), 0.75);
  assert.deepEqual(snapshot.by('api_cost_total', 'provider'), { openai: 0.5, anthropic: 0.25 });
  assert.equal(snapshot.value('cache_hit_ratio'), null);
});

test('the hit ratio looks back 5 minutes, and has no value while nobody looked anything up', () => {
  let seconds = 1000;
  const ratio = createHitRatio(() => seconds);
  assert.equal(ratio.read(), undefined);
  ratio.add(true);
  ratio.add(false);
  assert.equal(ratio.read(), 0.5);
  seconds += 200;
  ratio.add(true);
  assert.equal(ratio.read(), 2 / 3);
  seconds += 101;
  assert.equal(ratio.read(), 1);
  seconds += 200;
  assert.equal(ratio.read(), undefined);
  seconds = 1300;
  ratio.add(false);
  assert.equal(ratio.read(), 1 / 2);
});

test('a gauge without a source, or without sessions, has no sample', async () => {
  await using meter = startMeter();
  const sessions: { engagement: number }[] = [];
  observeGauges(meter.instruments, {
    store: { activeConnections: () => 1 },
    sessions: { active: () => sessions },
    spent: () => ({ session: 0.5, month: 0.25 }),
    up: () => ({ database: true, redis: undefined, claude: false, whisper: true }),
  });
  const before = await meter.snapshot();
  assert.equal(before.value('user_engagement_score'), null);
  assert.equal(before.value('sessions_active'), 0);
  assert.equal(before.value('dependency_up', { dependency: 'redis' }), null);
  assert.equal(before.value('dependency_up', { dependency: 'claude' }), 0);
  assert.equal(before.value('budget_spent_ratio', { budget: 'month' }), 0.25);
  sessions.push({ engagement: 0.2 }, { engagement: 0.4 });
  assert.ok(Math.abs(Number((await meter.snapshot()).value('user_engagement_score')) - 0.3) < 1e-12);
});
