import { type AlertName, CONFIG, type Severity } from '../config.ts';
import { type Duration, promql } from '../promql.ts';

export type RecordingRule = { record: string; expr: string };
export type AlertRule = {
  alert: AlertName;
  expr: string;
  for?: Duration;
  labels: { severity: Severity } & Record<string, string>;
  annotations: { summary: string; description: string; runbook_url: string; dashboard_url: string };
};
export type RuleGroup = { name: string; interval?: Duration; rules: (RecordingRule | AlertRule)[] };

/** Rules speak of a job, all its instances together, unless they say otherwise. */
export const q = promql({ by: ['job'] });

export const limits = CONFIG.alerts;

/** A ratio as an alert's text shows it. */
export const PERCENT = '{{ $value | humanizePercentage }}';

/**
 * Quiet while the collector is away or sends metrics back, and for a moment after: what it has not told is not missing.
 * NOTE: an inhibition alone ends before the dependent alert clears, and lets one page out.
 */
export const unlessCollectorFails = (grace: Duration): string =>
  `unless on () min_over_time(${q.series('up', { job: 'otel-collector' }, grace)}) == 0` +
  ` unless on () increase(${q.series('otelcol_receiver_refused_metric_points_total', {}, grace)}) > 0`;
