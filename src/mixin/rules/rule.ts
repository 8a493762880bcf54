import { type AlertName, CONFIG, type Severity } from '../config.ts';
import { type Duration, promql } from '../promql.ts';

export type RecordingRule = { record: string; expr: string };
export type AlertRule = {
  alert: AlertName;
  expr: string;
  for?: Duration;
  labels: { severity: Severity; service: string } & Record<string, string>;
  annotations: { summary: string; description: string; runbook_url: string; dashboard_url: string };
};
export type RuleGroup = { name: string; interval?: Duration; rules: (RecordingRule | AlertRule)[] };

export const OURS = `job=~"(.+/)?${CONFIG.job}"`;
/** Rules speak of all instances of our agents together, unless they say otherwise. */
export const q = promql({ scope: OURS, by: ['job'] });

/** The two jobs of prometheus.yml that read the collector: what agents pushed, and its own metrics. */
const COLLECTOR_JOBS = ['otlp', 'otel-collector'] as const;
const anybody = promql();
export const ofCollector = promql({ scope: 'job="otel-collector"' });
/** Whether Prometheus reaches both ports of the collector. */
export const collectorUp = (window?: Duration): string => anybody.series('up', { job: COLLECTOR_JOBS }, window);
/** 0, as of a target that is down, when there is no such target at all. */
export const collectorAbsent = COLLECTOR_JOBS.map((job) => `absent(${anybody.series('up', { job })}) * 0`).join(' or ');

export const limits = CONFIG.alerts;

/** A ratio as an alert's text shows it. */
export const PERCENT = '{{ $value | humanizePercentage }}';

/**
 * Quiet while the collector is away or sends metrics back, and for a moment after: what it has not told is not missing.
 * NOTE: an inhibition alone ends before the dependent alert clears, and lets one page out.
 */
export const unlessCollectorFails = (grace: Duration): string =>
  `unless on () min_over_time(${collectorUp(grace)}) == 0` +
  ` unless on () increase(${ofCollector.series('otelcol_receiver_refused_metric_points_total', {}, grace)}) > 0`;
