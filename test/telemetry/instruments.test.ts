import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMPONENTS, ERROR_KINDS } from '../../src/errors.ts';
import { startMeter } from '../support/meter.ts';

test('every label set that is known at start exists with 0', async () => {
  await using meter = startMeter();
  const text = await meter.text();
  assert.match(text, /^voice_turns_total\{outcome="interrupted"\} 0$/m);
  assert.match(text, /^http_requests_total\{endpoint="\/api\/conversation",method="POST",status="402"\} 0$/m);
  assert.match(text, /^cache_operations_total\{operation="get",status="hit"\} 0$/m);
  assert.doesNotMatch(text, /cache_operations_total\{operation="set",status="hit"\}/);
  assert.equal(text.match(/^errors_total\{/gm)?.length, ERROR_KINDS.length * COMPONENTS.length);
  assert.match(text, /^sessions_total 0$/m);
});

test('a value that is not finite or negative is dropped and counted, and the series stays right', async () => {
  await using meter = startMeter();
  const { instruments } = meter;
  instruments.api_cost_total.add(Number.NaN, { provider: 'openai' });
  instruments.api_cost_total.add(Number.POSITIVE_INFINITY, { provider: 'openai' });
  instruments.api_cost_total.add(-1, { provider: 'openai' });
  instruments.api_cost_total.add(0.25, { provider: 'openai' });
  instruments.websocket_connection_duration_seconds.record(Number.NaN);
  instruments.websocket_connections_active.add(Number.NaN);
  instruments.database_connections_active.observe(() => Number.NaN);
  const snapshot = await meter.snapshot();
  assert.equal(snapshot.sum('api_cost_total', { provider: 'openai' }), 0.25);
  assert.equal(snapshot.quantile('websocket_connection_duration_seconds', 0.5), null);
  assert.equal(snapshot.value('database_connections_active'), null);
  const again = await meter.snapshot();
  assert.equal(again.sum('telemetry_dropped_points_total', { reason: 'negative' }), 1);
  // Two counters, a histogram, an up-down counter, and the gauge at each of the collections before this one.
  assert.ok(again.sum('telemetry_dropped_points_total', { reason: 'not_finite' }) >= 5);
});

test('a bounded label takes its first values, folds the rest into other, and counts them', async () => {
  await using meter = startMeter();
  const { claude_api_calls_total: calls } = meter.instruments;
  for (let i = 0; i < 100_000; i++) calls.add(1, { model: `hostile-${i}`, status: 'success' });
  calls.add(1, { model: 'x'.repeat(500), status: 'success' });
  const snapshot = await meter.snapshot();
  assert.equal(Object.keys(snapshot.by('claude_api_calls_total', 'model')).length, 17);
  assert.equal(snapshot.sum('claude_api_calls_total'), 100_001);
  assert.equal(snapshot.sum('claude_api_calls_total', { model: 'other' }), 100_001 - 16);
  assert.equal(snapshot.sum('telemetry_dropped_points_total', { reason: 'label_overflow' }), 100_001 - 16);
});

test('a wrong label does not compile, and at run time becomes other', async () => {
  await using meter = startMeter();
  // @ts-expect-error: no such outcome
  meter.instruments.voice_turns_total.add(1, { outcome: 'lost' });
  // @ts-expect-error: the label is missing
  meter.instruments.voice_turns_total.add(1);
  // @ts-expect-error: a histogram has no add
  assert.throws(() => meter.instruments.session_duration_seconds.add(1), TypeError);
  const snapshot = await meter.snapshot();
  assert.equal(snapshot.sum('voice_turns_total', { outcome: 'other' }), 2);
});
