import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';

const UNIT_SUFFIX: Record<string, string> = { s: 'seconds', ms: 'milliseconds', By: 'bytes' };

const serializer = new PrometheusSerializer('', false, undefined, true, true);

/**
 * Prometheus text of what the reader holds: the same names, labels and values that the collector exposes.
 * Source of the naming rule: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
export function prometheusText(metrics: ResourceMetrics): string {
  const text = serializer.serialize({
    resource: metrics.resource,
    scopeMetrics: metrics.scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.map((metric) => ({
        ...metric,
        descriptor: { ...metric.descriptor, name: prometheusName(metric), unit: '' },
      })),
    })),
  });
  return text.replace(/le="(\d{7,})"/g, (_, bound: string) => `le="${goFloat(Number(bound))}"`);
}

/** A number of a million and more as Go prints it, and so as the collector writes bucket bounds: 1e+06. */
function goFloat(value: number): string {
  return value.toExponential().replace(/e\+(\d)$/, 'e+0$1');
}

/** The name under which the collector's exporter shows a metric: unit and `_total` become suffixes unless they are there already. */
export function prometheusName(metric: MetricData): string {
  const { name, unit } = metric.descriptor;
  const monotonic = metric.dataPointType === DataPointType.SUM && metric.isMonotonic;
  const gauge =
    metric.dataPointType === DataPointType.GAUGE || (metric.dataPointType === DataPointType.SUM && !monotonic);
  let base = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/_total$/, '');
  const suffix = unit === '1' && gauge ? 'ratio' : UNIT_SUFFIX[unit];
  if (suffix && !base.endsWith(suffix)) base += `_${suffix}`;
  return monotonic ? `${base}_total` : base;
}
