import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { guardExporter } from '../../src/telemetry/exporter.ts';

test('points that would spoil the batch are kept back and counted; the others go', async () => {
  const inner = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const dropped: string[] = [];
  const exporter = guardExporter(inner, { dropped: (reason) => dropped.push(reason), changed: () => {} });
  exporter.open();
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  meter.createHistogram('h').record(Number.POSITIVE_INFINITY);
  meter.createUpDownCounter('u').add(1);
  meter.createObservableGauge('g').addCallback((result) => {
    result.observe(Number.POSITIVE_INFINITY, { which: 'bad' });
    result.observe(1, { which: 'good' });
    result.observe(2, { which: 2 ** 63 });
    result.observe(3, { which: Number.NaN });
  });
  await reader.forceFlush();
  const metrics = inner.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  const points = metrics.flatMap(({ dataPoints }) => dataPoints as DataPoint<unknown>[]);
  assert.deepEqual(
    points.map(({ value, attributes }) => [value, attributes.which]),
    [
      [1, undefined],
      [1, 'good'],
    ],
  );
  assert.deepEqual(dropped.sort(), ['bad_attribute', 'bad_attribute', 'not_finite', 'not_finite']);
  await reader.shutdown();
});

test('the export status follows the collector, and each change is told once', () => {
  const results: ExportResult[] = [
    { code: ExportResultCode.FAILED, error: new Error('refused') },
    { code: ExportResultCode.FAILED, error: new Error('refused') },
    { code: ExportResultCode.SUCCESS },
    { code: ExportResultCode.SUCCESS },
  ];
  const inner = {
    export: (_: ResourceMetrics, done: (result: ExportResult) => void) => done(results.shift() as ExportResult),
  };
  const changes: boolean[] = [];
  const exporter = guardExporter(inner as PushMetricExporter, { dropped: () => {}, changed: (up) => changes.push(up) });
  const push = () => exporter.export({ resource: {}, scopeMetrics: [] } as unknown as ResourceMetrics, () => {});
  push();
  assert.equal(results.length, 4, 'nothing goes out before it is opened');
  assert.deepEqual(exporter.status(), { status: 'starting', last_export: null });
  exporter.open();
  push();
  push();
  assert.deepEqual(exporter.status(), { status: 'unhealthy', last_export: null });
  push();
  push();
  assert.equal(exporter.status().status, 'healthy');
  assert.match(String(exporter.status().last_export), /^\d{4}-/);
  assert.deepEqual(changes, [false, true]);
});
