import { type AlertName, CONFIG, type Severity } from '../config.ts';
import type { Duration } from '../promql.ts';
import { dashboardUrl } from './links.ts';
import type { AlertRule } from './rule.ts';

type Told = {
  expr: string;
  for?: Duration;
  /** One line with the value, for a pager. */
  summary: string;
  description: string;
  severity?: Severity;
  labels?: Record<string, string>;
};

/** An alerting rule with what all of them have: its severity, its runbook heading and its panel. */
export function alert(name: AlertName, { expr, for: wait, summary, description, severity, labels }: Told): AlertRule {
  return {
    alert: name,
    expr,
    ...(wait && { for: wait }),
    labels: { severity: severity ?? CONFIG.alerts[name].severity, service: CONFIG.job, ...labels },
    annotations: {
      summary,
      description,
      // Prometheus serves the runbook itself: it lives whenever an alert does, and knows its own address.
      runbook_url: `{{ $externalURL }}/consoles/runbook.html#${name.toLowerCase()}`,
      dashboard_url: dashboardUrl(name),
    },
  };
}
