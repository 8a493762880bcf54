import { CONFIG } from '../config.ts';
import type { Pace } from '../pace.ts';
import { bornWithin, type CounterName, type Duration } from '../promql.ts';
import { alert } from './alert.ts';
import {
  type AlertRule,
  collectorAbsent,
  collectorUp,
  limits,
  OURS,
  ofCollector,
  q,
  unlessCollectorFails,
} from './rule.ts';

/** Whether what the other alerts look at is true: heartbeats, the collector, losses. */
export function telemetryAlerts(pace: Pace): AlertRule[] {
  return [...heartbeatAlerts(pace), ...collectorAlerts(pace), ...lossAlerts(pace)];
}

/**
 * NOTE: the collector repeats a dead agent's last values for two minutes and `up` stays 1, so death shows only in an
 * uptime that no longer changes, and later in its absence. No clocks are compared.
 */
function heartbeatAlerts({ window, wait }: Pace): AlertRule[] {
  const { AgentDown: down, TelemetryStale: stale } = limits;
  const beating = (length: Duration) => `changes(${q.series('process_uptime_seconds', {}, window(length))}) > 0`;
  const lastUptime = `last_over_time(${q.series('process_uptime_seconds', {}, window(stale.memory))})`;
  const away = unlessCollectorFails(window(CONFIG.collectorGrace));
  return [
    alert('AgentDown', {
      expr: `(count(${beating(down.window)}) or vector(0)) < 1 ${away}`,
      for: wait(down.for),
      summary: '{{ $value }} agents are alive',
      description: `No agent has pushed a new heartbeat for ${down.window}: nobody is answered, or nobody can tell.`,
    }),
    alert('TelemetryStale', {
      expr: `(${lastUptime} > 0 unless ${beating(stale.window)}) ${away}`,
      for: wait(stale.for),
      summary: '{{ $labels.instance }} has gone silent, {{ $value | humanizeDuration }} after its start',
      description: `It pushed within the last ${stale.memory}, and nothing new for ${stale.window}, without having been stopped. It is forgotten after ${stale.memory}.`,
    }),
  ];
}

function collectorAlerts({ window, wait }: Pace): AlertRule[] {
  const { CollectorDown: down, CollectorRefusingData: refusing } = limits;
  const refused = (
    name: `otelcol_receiver_refused_${'metric_points' | 'spans' | 'log_records'}_total`,
    signal: string,
  ) =>
    `label_replace(${ofCollector.increase(name, window(refusing.window), { by: ['receiver'] })} > 0, "signal", "${signal}", "", "")`;
  const blind = 'Boards stand still and the other alerts are blind. Agents keep their counts and push them later.';
  return [
    alert('CollectorDown', {
      expr: `${collectorUp()} == 0 or ${collectorAbsent}`,
      for: wait(down.for),
      labels: { state: 'down' },
      summary: 'Prometheus cannot reach the collector: up of {{ $labels.job }} is {{ $value }}',
      description: blind,
    }),
    // An outage shorter than `for`, again and again, would never be told, and keeps the alerts about agents quiet.
    alert('CollectorDown', {
      expr: `changes(${collectorUp(window(down.window))}) >= ${down.flaps}`,
      for: wait(down.for),
      labels: { state: 'flapping' },
      summary: 'The collector comes and goes: up of {{ $labels.job }} changed {{ $value }} times',
      description: blind,
    }),
    alert('CollectorRefusingData', {
      expr: refused('otelcol_receiver_refused_metric_points_total', 'metrics'),
      for: wait(refusing.for),
      severity: 'critical',
      summary: REFUSES,
      description: `It is short of memory. ${blind}`,
    }),
    alert('CollectorRefusingData', {
      expr: [
        refused('otelcol_receiver_refused_spans_total', 'spans'),
        refused('otelcol_receiver_refused_log_records_total', 'logs'),
      ].join(' or '),
      for: wait(refusing.for),
      summary: REFUSES,
      description: 'It is short of memory. What it sends back may be lost.',
    }),
  ];
}

const REFUSES = 'The collector refuses {{ $labels.signal }}: {{ $value | printf "%.0f" }} in the window';

const LOST = [
  ['metrics', 'otelcol_exporter_send_failed_metric_points_total'],
  ['spans', 'otelcol_exporter_send_failed_spans_total'],
  ['spans queued', 'otelcol_exporter_enqueue_failed_spans_total'],
  ['logs', 'otelcol_exporter_send_failed_log_records_total'],
  ['logs queued', 'otelcol_exporter_enqueue_failed_log_records_total'],
] as const satisfies [string, CounterName][];

function lossAlerts({ window, wait }: Pace): AlertRule[] {
  const { TelemetryLoss: loss, CardinalityOverflow: overflow } = limits;
  const dropped = q.increase('telemetry_dropped_points_total', window(loss.window), {
    where: { reason: { not: 'label_overflow' } },
  });
  const lost = LOST.map(([signal, name]) => {
    const grown = `${ofCollector.increase(name, window(loss.window), { by: ['exporter'] })} > 0`;
    const born = `sum by (exporter) ${bornWithin(ofCollector.series(name), window(loss.window), wait(loss.window))}`;
    return `label_replace(${grown} or ${born}, "signal", "${signal}", "", "")`;
  });
  const folded = q.increase('telemetry_dropped_points_total', window(overflow.window), {
    where: { reason: 'label_overflow' },
  });
  return [
    alert('TelemetryLoss', {
      expr: `label_replace(${dropped} > 0, "signal", "points", "", "") or ${lost.join(' or ')}`,
      summary: '{{ $value | printf "%.0f" }} {{ $labels.signal }} were lost',
      description: 'The agent dropped points that would have spoilt a batch, or the collector could not pass data on.',
    }),
    alert('CardinalityOverflow', {
      expr: `count by (job) ({${OURS}, otel_metric_overflow="true"}) or ${folded} > 0`,
      summary: '{{ $value | printf "%.0f" }} series or values of {{ $labels.job }} were folded together',
      description: 'A label has more values than its bound: totals are right, but some series are `other` or overflow.',
    }),
  ];
}
