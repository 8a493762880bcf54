import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { prometheusText } from '../../src/telemetry/exposition.ts';
import { createInstruments } from '../../src/telemetry/instruments.ts';
import { createSnapshot } from '../../src/telemetry/snapshot.ts';

/** The catalog's instruments on a meter provider of their own, and what a collection of it would say. */
export function startMeter() {
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 3_600_000,
  });
  const provider = new MeterProvider({ readers: [reader] });
  const collect = async () => (await reader.collect()).resourceMetrics;
  return {
    instruments: createInstruments(provider.getMeter('test')),
    collect,
    snapshot: async () => createSnapshot(await collect()),
    text: async () => prometheusText(await collect()),
    [Symbol.asyncDispose]: () => provider.shutdown(),
  };
}
