import { CONFIG } from '../config.ts';
import type { Pace } from '../pace.ts';
import { bornWithin, type CounterName, type Duration } from '../promql.ts';
import { type Alerting, alert } from './alert.ts';
import { limits, q, unlessCollectorFails } from './rule.ts';

/** Whether what the other alerts look at is true: heartbeats, the collector, losses. */
export function telemetryAlerts(pace: Pace): Alerting[] {
  return [...heartbeatAlerts(pace), ...collectorAlerts(pace), ...lossAlerts(pace)];
}

/**
 * NOTE: the collector repeats a dead agent's last values for two minutes and `up` stays 1, so death shows only in an
 * uptime that no longer changes, and later in its absence. No clocks are compared.
 */
function heartbeatAlerts({ window, wait }: Pace): Alerting[] {
  const { AgentDown: down, TelemetryStale: stale } = limits;
  const beating = (length: Duration) => `changes(${q.series('process_uptime_seconds', {}, window(length))}) > 0`;
  const away = unlessCollectorFails(window(CONFIG.collectorGrace));
  return [
    alert('AgentDown', {
      expr: `(count(${beating(down.window)}) or vector(0)) < 1 ${away}`,
      for: wait(down.for),
      summary: 'No agent is alive',
      description: `No agent has pushed a new heartbeat for ${down.window}: nobody is answered, or nobody can tell.`,
    }),
    alert('TelemetryStale', {
      expr: `count by (job, instance) (max_over_time(${q.series('process_uptime_seconds', {}, window(stale.memory))}) unless ${beating(stale.window)}) ${away}`,
      for: wait(stale.for),
      summary: '{{ $labels.instance }} has gone silent',
      description: `It pushed within the last ${stale.memory}, and nothing new for ${stale.window}. Taken away on purpose, it is forgotten after ${stale.memory}.`,
    }),
  ];
}

function collectorAlerts({ window, wait }: Pace): Alerting[] {
  const { CollectorDown: down, CollectorRefusingData: refusing } = limits;
  const up = q.series('up', { job: 'otel-collector' });
  const refused = REFUSED.map(
    ([signal, name]) =>
      `label_replace(${q.increase(name, window(refusing.window), { by: ['receiver'] })} > 0, "signal", "${signal}", "", "")`,
  );
  return [
    alert('CollectorDown', {
      expr: `${up} == 0 or absent(${up})`,
      for: wait(down.for),
      summary: 'Prometheus cannot reach the collector',
      description:
        'Boards stand still and the other alerts are blind. Agents keep their counts and push them when it is back.',
    }),
    alert('CollectorRefusingData', {
      expr: refused.join(' or '),
      for: wait(refusing.for),
      summary: 'The collector refuses {{ $labels.signal }}: {{ $value | printf "%.0f" }} in the window',
      description: 'It is short of memory. Metrics are pushed again and lose nothing; spans and logs may be lost.',
    }),
  ];
}

const REFUSED = [
  ['metrics', 'otelcol_receiver_refused_metric_points_total'],
  ['spans', 'otelcol_receiver_refused_spans_total'],
  ['logs', 'otelcol_receiver_refused_log_records_total'],
] as const satisfies [string, CounterName][];

const LOST = [
  ['metrics', 'otelcol_exporter_send_failed_metric_points_total'],
  ['spans', 'otelcol_exporter_send_failed_spans_total'],
  ['spans queued', 'otelcol_exporter_enqueue_failed_spans_total'],
  ['logs', 'otelcol_exporter_send_failed_log_records_total'],
  ['logs queued', 'otelcol_exporter_enqueue_failed_log_records_total'],
] as const satisfies [string, CounterName][];

function lossAlerts({ window, wait }: Pace): Alerting[] {
  const { TelemetryLoss: loss, CardinalityOverflow: overflow } = limits;
  const dropped = q.increase('telemetry_dropped_points_total', window(loss.window), {
    where: { reason: { not: 'label_overflow' } },
  });
  const lost = LOST.map(([signal, name]) => {
    const grown = `${q.increase(name, window(loss.window), { by: ['exporter'] })} > 0`;
    const born = `sum by (exporter) ${bornWithin(q.series(name), wait(loss.window))}`;
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
      expr: `count by (job) ({otel_metric_overflow="true"}) or ${folded} > 0`,
      summary: 'Label sets of {{ $labels.job }} are folded together',
      description: 'A label has more values than its bound: totals are right, but some series are `other` or overflow.',
    }),
  ];
}
