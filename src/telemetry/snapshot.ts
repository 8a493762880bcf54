import { DataPointType, type Histogram, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { CatalogName } from './catalog/index.ts';

type Labels = Record<string, string>;

/** Reads a collected state by the catalog's names: what `/api/metrics` says is what was collected, nothing beside it. */
export function createSnapshot(metrics: ResourceMetrics) {
  const byName = new Map<string, MetricData>();
  for (const { metrics: scoped } of metrics.scopeMetrics) {
    for (const metric of scoped) byName.set(metric.descriptor.name, metric);
  }
  const points = (name: CatalogName, labels: Labels) =>
    (byName.get(name)?.dataPoints ?? []).filter(({ attributes }) =>
      Object.entries(labels).every(([label, value]) => attributes[label] === value),
    );
  return {
    /** Sum over the label sets that match; 0 when there are none. */
    sum: (name: CatalogName, labels: Labels = {}): number =>
      points(name, labels).reduce((total, { value }) => total + (typeof value === 'number' ? value : 0), 0),
    /** Value of a gauge, `null` when it has no sample. */
    value(name: CatalogName, labels: Labels = {}): number | null {
      const value = points(name, labels)[0]?.value;
      return typeof value === 'number' ? value : null;
    },
    /** Sum by the values of one label. */
    by(name: CatalogName, label: string): Record<string, number> {
      const result: Record<string, number> = {};
      for (const { attributes, value } of points(name, {})) {
        const key = String(attributes[label]);
        result[key] = (result[key] ?? 0) + (value as number);
      }
      return result;
    },
    /** Quantile over all matching label sets, `null` before the first sample. */
    quantile(name: CatalogName, q: number, labels: Labels = {}): number | null {
      const metric = byName.get(name);
      if (metric?.dataPointType !== DataPointType.HISTOGRAM) return null;
      return histogramQuantile(
        q,
        points(name, labels).map(({ value }) => value as Histogram),
      );
    },
  };
}
export type Snapshot = ReturnType<typeof createSnapshot>;

/**
 * Estimated quantile of merged histograms: interpolated inside its bucket, and never outside the smallest and largest value seen.
 * Beyond the last bound it answers with that bound. The rule, but for the two values, of PromQL's histogram_quantile: https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 */
export function histogramQuantile(q: number, histograms: readonly Histogram[]): number | null {
  const bounds = histograms[0]?.buckets.boundaries ?? [];
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const { buckets } of histograms)
    buckets.counts.forEach((count, i) => {
      counts[i] = (counts[i] ?? 0) + count;
    });
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = q * total;
  const smallest = Math.min(...histograms.map(({ min }) => min ?? 0));
  const largest = Math.max(...histograms.map(({ max }) => max ?? Number.POSITIVE_INFINITY));
  let below = 0;
  for (const [i, count] of counts.entries()) {
    if (below + count >= rank && count > 0) {
      const lower = i === 0 ? 0 : (bounds[i - 1] as number);
      const upper = bounds[i];
      const estimate = upper === undefined ? lower : lower + ((upper - lower) * (rank - below)) / count;
      return Math.min(Math.max(estimate, smallest), largest);
    }
    below += count;
  }
  return bounds.at(-1) ?? null;
}
