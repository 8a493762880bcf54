import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asShipped, hurried, seconds } from '../../src/mixin/pace.ts';
import { bornWithin, promql } from '../../src/mixin/promql.ts';

const q = promql({ by: ['job'] });

test('counters: rates, increases and shares keep the job, or what is asked for', () => {
  assert.equal(q.rate('errors_total', '5m'), 'sum by (job) (rate(errors_total[5m]))');
  assert.equal(q.increase('errors_total', '1h', { by: [] }), 'sum(increase(errors_total[1h]))');
  assert.equal(
    q.rate('claude_api_calls_total', '5m', { where: { status: 'error' }, by: ['job', 'model'] }),
    'sum by (job, model) (rate(claude_api_calls_total{status="error"}[5m]))',
  );
  assert.equal(
    q.share('whisper_api_calls_total', '5m', { part: { status: 'error' } }),
    '(sum by (job) (rate(whisper_api_calls_total{status="error"}[5m])) or 0 * sum by (job) (rate(whisper_api_calls_total[5m])))' +
      ' / (sum by (job) (rate(whisper_api_calls_total[5m])) > 0)',
  );
  assert.match(
    q.share('cache_operations_total', '5m', {
      where: { operation: 'get' },
      part: { status: 'hit' },
      whole: { status: ['hit', 'miss'] },
    }),
    /\{operation="get", status="hit"\}.*\{operation="get", status=~"hit\|miss"\}.*\{operation="get", status=~"hit\|miss"\}/,
  );
});

test('histograms: quantiles over the sum of all series, means that are silent when idle, recordings, buckets', () => {
  assert.equal(
    q.quantile(0.95, 'http_request_duration_seconds', '5m'),
    'histogram_quantile(0.95, sum by (le, job) (rate(http_request_duration_seconds_bucket[5m])))',
  );
  assert.equal(
    q.mean('claude_api_duration_seconds', '5m', { by: ['model'] }),
    'sum by (model) (rate(claude_api_duration_seconds_sum[5m])) / (sum by (model) (rate(claude_api_duration_seconds_count[5m])) > 0)',
  );
  assert.equal(
    q.recorded('http_request_duration_seconds', '5m'),
    'sum by (job) (increase(http_request_duration_seconds_count[5m]))',
  );
  assert.equal(
    q.buckets('session_duration_seconds', '$__rate_interval', { by: [] }),
    'sum by (le) (rate(session_duration_seconds_bucket[$__rate_interval]))',
  );
});

test('gauges and bare selectors; dotted names and labels as Prometheus has them', () => {
  assert.equal(
    q.gauge('min', 'dependency_up', { where: { dependency: 'redis' }, by: ['job', 'instance'] }),
    'min by (job, instance) (dependency_up{dependency="redis"})',
  );
  assert.equal(q.series('up', { job: 'otel-collector' }, '3m'), 'up{job="otel-collector"}[3m]');
  assert.equal(
    q.quantile(0.5, 'gen_ai.client.operation.duration', '5m', { by: ['gen_ai.request.model'] }),
    'histogram_quantile(0.5, sum by (le, gen_ai_request_model) (rate(gen_ai_client_operation_duration_seconds_bucket[5m])))',
  );
});

test('matchers: one value, any of several, none of them, a regular expression', () => {
  const of = (where: Parameters<typeof q.series<'http_requests_total'>>[1]) => q.series('http_requests_total', where);
  assert.equal(of({ status: '500' }), 'http_requests_total{status="500"}');
  assert.equal(of({ status: ['500', '503'] }), 'http_requests_total{status=~"500|503"}');
  assert.equal(of({ status: { not: '200' } }), 'http_requests_total{status!="200"}');
  assert.equal(of({ status: { not: ['200', '204'] } }), 'http_requests_total{status!~"200|204"}');
  assert.equal(of({ status: /5../ }), 'http_requests_total{status=~"5.."}');
});

test('a regular expression that matches no value of a closed label is an error that lists them', () => {
  assert.throws(() => q.rate('voice_turns_total', '5m', { where: { outcome: /fail/ } }), {
    message: /^voice_turns_total has no outcome that matches fail; it has .*failed/,
  });
  // Prometheus anchors: `fail` is not `failed`.
  assert.doesNotThrow(() => q.rate('voice_turns_total', '5m', { where: { outcome: /fail.*/ } }));
  assert.doesNotThrow(() => q.rate('claude_api_calls_total', '5m', { where: { model: /whatever/ } }));
});

test('a scope goes into every selector of a dialect', () => {
  const board = promql({ scope: 'instance=~"$instance"' });
  assert.equal(board.rate('errors_total', '5m'), 'sum(rate(errors_total{instance=~"$instance"}[5m]))');
  const share = board.share('whisper_api_calls_total', '5m', { part: { status: 'error' } });
  assert.equal(share.match(/\[5m\]/g)?.length, share.match(/instance=~"\$instance"\}\[5m\]/g)?.length);
});

test('a birth is seen by presence', () => {
  assert.equal(
    bornWithin(q.series('errors_total'), '15m', '10m'),
    '(errors_total > 0 unless last_over_time(errors_total[15m] offset 10m))',
  );
});

test('pace: as shipped, or all durations divided alike, with four samples in every window', () => {
  assert.deepEqual([asShipped.window('5m'), asShipped.wait('1h')], ['5m', '1h']);
  const pace = hurried(30, 4);
  assert.deepEqual([pace.window('5m'), pace.window('1m'), pace.window('1h')], ['10s', '4s', '120s']);
  assert.deepEqual([pace.wait('5m'), pace.wait('1m'), pace.wait('1s')], ['10s', '2s', '1s']);
  assert.deepEqual((['90s', '5m', '6h', '3d'] as const).map(seconds), [90, 300, 21_600, 259_200]);
});

/** What must not compile; tsc reads it, nothing runs it. */
export function refusals() {
  // @ts-expect-error no such metric
  q.rate('error_total', '5m');
  // @ts-expect-error no such label
  q.rate('errors_total', '5m', { by: ['endpoint'] });
  // @ts-expect-error no such label to select by
  q.rate('errors_total', '5m', { where: { endpoint: '/' } });
  // @ts-expect-error a closed label has no such value
  q.rate('claude_api_calls_total', '5m', { where: { status: 'failed' } });
  // @ts-expect-error nor one of several
  q.rate('claude_api_calls_total', '5m', { where: { status: ['error', 'failed'] } });
  // @ts-expect-error nor one to leave out
  q.rate('claude_api_calls_total', '5m', { where: { status: { not: 'failed' } } });
  // @ts-expect-error a counter has no quantile
  q.quantile(0.95, 'http_requests_total', '5m');
  // @ts-expect-error a gauge has no rate
  q.rate('sessions_active', '5m');
  // @ts-expect-error a histogram is no counter
  q.increase('http_request_duration_seconds', '5m');
  // @ts-expect-error a counter is no gauge
  q.gauge('sum', 'errors_total');
  // @ts-expect-error no duration
  q.rate('errors_total', '5 minutes');
}
