import { trace } from '@opentelemetry/api';

export type Outlier = { metric: string; value: number; trace_id: string; timestamp: string };

/** The largest values of the last hour by metric, each with the trace that explains it. */
export function createOutliers(options: { perMetric?: number; windowMs?: number; now?: () => number } = {}) {
  const { perMetric = 5, windowMs = 3_600_000, now = Date.now } = options;
  const kept = new Map<string, { at: number; outlier: Outlier }[]>();
  const fresh = (metric: string) => (kept.get(metric) ?? []).filter(({ at }) => now() - at < windowMs);
  return {
    /** Offers a value of the active trace; kept while it is among the largest. */
    offer(metric: string, value: number): void {
      const span = trace.getActiveSpan();
      if (!span) return;
      const at = now();
      const outlier = { metric, value, trace_id: span.spanContext().traceId, timestamp: new Date(at).toISOString() };
      const ranked = [...fresh(metric), { at, outlier }].sort((a, b) => b.outlier.value - a.outlier.value);
      kept.set(metric, ranked.slice(0, perMetric));
    },
    list: (): Outlier[] => [...kept.keys()].flatMap((metric) => fresh(metric).map(({ outlier }) => outlier)),
  };
}
export type Outliers = ReturnType<typeof createOutliers>;
