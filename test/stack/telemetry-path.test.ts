import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type RunningCollector, startCollector } from '../support/collector.ts';
import { attributes, pushOtlp, unixNano } from '../support/otlp.ts';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';
import { waitFor } from '../support/wait.ts';

const resource = { attributes: attributes({ 'service.name': 'someone', 'service.instance.id': 'host:1' }) };
const traceId = '0af7651916cd43dd8448eb211c80319c';

let collector: RunningCollector;
let prometheus: RunningPrometheus;
before(async () => {
  collector = await startCollector();
  prometheus = await startPrometheus(collector);
});
after(async () => {
  await prometheus?.[Symbol.asyncDispose]();
  await collector?.[Symbol.asyncDispose]();
});

test('a pushed counter stands in the collector and in Prometheus under its own job and instance', async () => {
  const dataPoints = [
    {
      asInt: '7',
      startTimeUnixNano: unixNano(-1000),
      timeUnixNano: unixNano(),
      attributes: attributes({ colour: 'red' }),
    },
  ];
  const sum = { dataPoints, aggregationTemporality: 2, isMonotonic: true };
  await pushOtlp(collector.endpoint, 'metrics', {
    resourceMetrics: [
      { resource, scopeMetrics: [{ scope: { name: 's' }, metrics: [{ name: 'apples', unit: '{apple}', sum }] }] },
    ],
  });
  const labels = { colour: 'red', instance: 'host:1', job: 'someone' };
  const line = 'apples_total{colour="red",instance="host:1",job="someone"} 7';
  await waitFor(line, async () => ((await collector.metricsText()).includes(line) ? true : undefined));

  await prometheus.waitForValue('apples_total', 7);
  const [sample] = await prometheus.query('apples_total');
  assert.deepEqual(sample, { labels: { __name__: 'apples_total', ...labels }, value: 7 });
});

test('a span is counted exactly, under its own job, and its trace is kept', async () => {
  const span = {
    traceId,
    spanId: 'b7ad6b7169203331',
    name: 'turn',
    kind: 1,
    startTimeUnixNano: unixNano(-300),
    endTimeUnixNano: unixNano(),
  };
  await pushOtlp(collector.endpoint, 'traces', { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  await prometheus.waitForValue('traces_span_metrics_calls_total{job="someone", span_name="turn"}', 1);
  await prometheus.waitForValue('traces_span_metrics_duration_seconds_count{job="someone", instance="host:1"}', 1);
  const [sample] = await prometheus.query('traces_span_metrics_calls_total');
  assert.equal(sample?.labels.collector_instance_id, undefined);
  const kept = await waitFor('the trace', async () => {
    const text = JSON.stringify(await collector.traces());
    return text.includes(traceId) ? text : undefined;
  });
  assert.match(kept, /"name":"turn"/);
});

test('a log record is kept with its trace id', async () => {
  const record = { timeUnixNano: unixNano(), body: { stringValue: 'hello' }, traceId, spanId: 'b7ad6b7169203331' };
  await pushOtlp(collector.endpoint, 'logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] });
  await waitFor('the record', async () =>
    JSON.stringify(await collector.logs()).includes(traceId) ? true : undefined,
  );
});

test("the collector's own metrics are scraped, with units and _total, as job otel-collector", async () => {
  await prometheus.waitForValue('min(up{job="otel-collector"})', 1);
  await waitFor('accepted points', async () => {
    const accepted = await prometheus.value('sum(otelcol_receiver_accepted_metric_points_total{job="otel-collector"})');
    return accepted ? true : undefined;
  });
  const [rss] = await prometheus.query('otelcol_process_memory_rss_bytes{job="otel-collector"}');
  assert.ok(rss && rss.value > 1e6);
});

test('a query that does not parse is an error that names it', async () => {
  await assert.rejects(prometheus.query('sum('), /^Error: sum\(: .*parse error/);
});
