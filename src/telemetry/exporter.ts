import type { Attributes } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { DataPoint, MetricData, PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** `starting`: nothing was pushed yet; `off`: nothing ever is. */
export type ExportStatus = { status: 'starting' | 'healthy' | 'unhealthy' | 'off'; last_export: string | null };

export type GuardedExporter = PushMetricExporter & {
  status(): ExportStatus;
  /** Until then nothing is pushed: a process that never comes to serve must not speak for the one that does. */
  open(): void;
};

/**
 * Keeps from the collector what would make it refuse a whole batch again and again (a value or attribute that is not
 * finite, an integer attribute past 2^63), and remembers how the last export went. `onChange` hears each turn of the tide.
 */
export function guardExporter(
  inner: PushMetricExporter,
  on: { dropped: (reason: 'not_finite' | 'bad_attribute') => void; changed: (up: boolean, error?: Error) => void },
): GuardedExporter {
  let opened = false;
  let up: boolean | undefined;
  let lastExport: Date | null = null;
  const finished = (result: ExportResult) => {
    const good = result.code === ExportResultCode.SUCCESS;
    if (good) lastExport = new Date();
    if (up !== good) on.changed(good, result.error);
    up = good;
  };
  return {
    open() {
      opened = true;
    },
    export(metrics, done) {
      if (!opened) {
        done({ code: ExportResultCode.SUCCESS });
        return;
      }
      inner.export(clean(metrics, on.dropped), (result) => {
        finished(result);
        done(result);
      });
    },
    forceFlush: () => inner.forceFlush(),
    shutdown: () => inner.shutdown(),
    ...(inner.selectAggregationTemporality && {
      selectAggregationTemporality: inner.selectAggregationTemporality.bind(inner),
    }),
    ...(inner.selectAggregation && { selectAggregation: inner.selectAggregation.bind(inner) }),
    status: () => ({
      status: up === undefined ? 'starting' : up ? 'healthy' : 'unhealthy',
      last_export: lastExport?.toISOString() ?? null,
    }),
  };
}

/** Stands where OTEL_METRICS_EXPORTER=none asks for no push: the reader still answers /metrics. */
export function noExporter(): GuardedExporter {
  return {
    open: () => {},
    export: (_metrics, done) => done({ code: ExportResultCode.SUCCESS }),
    forceFlush: async () => {},
    shutdown: async () => {},
    status: () => ({ status: 'off', last_export: null }),
  };
}

function clean(metrics: ResourceMetrics, dropped: (reason: 'not_finite' | 'bad_attribute') => void): ResourceMetrics {
  const keep = (point: DataPoint<unknown>) => {
    if (!finiteValue(point.value)) dropped('not_finite');
    else if (!cleanAttributes(point.attributes)) dropped('bad_attribute');
    else return true;
    return false;
  };
  return {
    resource: metrics.resource,
    scopeMetrics: metrics.scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.map((metric) => {
        const points = metric.dataPoints as DataPoint<unknown>[];
        return points.every((point) => finiteValue(point.value) && cleanAttributes(point.attributes))
          ? metric
          : ({ ...metric, dataPoints: points.filter(keep) } as MetricData);
      }),
    })),
  };
}

function finiteValue(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  const { sum, min, max } = value as { sum?: number; min?: number; max?: number };
  return [sum, min, max].every((part) => part === undefined || Number.isFinite(part));
}

function cleanAttributes(attributes: Attributes): boolean {
  return Object.values(attributes).every(
    (value) => typeof value !== 'number' || (Number.isFinite(value) && Math.abs(value) < 2 ** 63),
  );
}
