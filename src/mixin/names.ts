import type { MetricDefinition } from '../telemetry/catalog/define.ts';

/** The name under which Prometheus has a metric of the catalog: dotted names get underscores and their unit. */
export function prometheusNameOf(name: string, metric: MetricDefinition): string {
  if (!name.includes('.')) return name;
  return `${name.replaceAll('.', '_')}${metric.unit === 's' ? '_seconds' : ''}`;
}
