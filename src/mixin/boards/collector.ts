import type { CounterName } from '../promql.ts';
import { anyOf, collector, none, type Panel, type Query } from './board.ts';

const W = '$__rate_interval';
const SILENT = 'The collector’s own metrics are missing: it is down, or not scraped';

export const collectorHealth: readonly Panel[] = [
  {
    key: 'collector-up',
    title: 'Collector',
    help: 'Whether Prometheus reaches the collector’s own metrics. When it is down, all boards stand still and agents keep their counts.',
    kind: 'states',
    unit: 'up',
    width: 8,
    noValue: SILENT,
    alerts: ['CollectorDown'],
    thresholds: [none('critical')],
    queries: [{ expr: collector.series('up'), legend: 'collector' }],
  },
  {
    key: 'collector-uptime',
    title: 'Collector runs for',
    help: 'Seconds since the collector started; what spans and logs it held before are gone.',
    kind: 'number',
    unit: 's',
    width: 4,
    noValue: SILENT,
    queries: [{ expr: `max(${collector.series('otelcol_process_uptime_seconds_total')})`, legend: 'uptime' }],
  },
  {
    key: 'collector-memory',
    title: 'Collector: memory',
    help: 'Resident memory. Over COLLECTOR_MEMORY_MIB of heap the collector refuses data.',
    kind: 'lines',
    unit: 'bytes',
    width: 6,
    noValue: SILENT,
    queries: [{ expr: collector.gauge('sum', 'otelcol_process_memory_rss_bytes'), legend: 'resident' }],
  },
  {
    key: 'collector-cpu',
    title: 'Collector: CPU',
    help: 'CPU time a second; 1 is one core.',
    kind: 'lines',
    unit: 'suffix:cores',
    width: 6,
    noValue: SILENT,
    queries: [{ expr: collector.rate('otelcol_process_cpu_seconds_total', W), legend: 'CPU' }],
  },
];

const each = (signals: Record<string, CounterName>, toQuery: (name: CounterName) => string): Query[] =>
  Object.entries(signals).map(([legend, name]) => ({ expr: toQuery(name), legend }));
const rate = (name: CounterName) => collector.rate(name, W);
const lately = (name: CounterName) => collector.increase(name, '1h');

export const collectorFlow: readonly Panel[] = [
  {
    key: 'collector-received',
    title: 'Received',
    help: 'Metric points, spans and log records a second that the collector took in from agents.',
    kind: 'lines',
    unit: 'cps',
    width: 6,
    noValue: SILENT,
    queries: each(
      {
        'metric points': 'otelcol_receiver_accepted_metric_points_total',
        spans: 'otelcol_receiver_accepted_spans_total',
        'log records': 'otelcol_receiver_accepted_log_records_total',
      },
      rate,
    ),
  },
  {
    key: 'collector-sent',
    title: 'Passed on',
    help: 'What the collector passed on a second. Fewer spans than it took in: the rest was sampled away on purpose.',
    kind: 'lines',
    unit: 'cps',
    width: 6,
    noValue: SILENT,
    queries: each(
      {
        'metric points': 'otelcol_exporter_sent_metric_points_total',
        spans: 'otelcol_exporter_sent_spans_total',
        'log records': 'otelcol_exporter_sent_log_records_total',
      },
      rate,
    ),
  },
  {
    key: 'collector-refused',
    title: 'Refused, last hour',
    help: 'What the collector sent back, short of memory. Metrics are pushed again and lose nothing; spans and logs may be lost.',
    kind: 'lines',
    unit: 'short',
    width: 6,
    noValue: SILENT,
    alerts: ['CollectorRefusingData'],
    thresholds: [anyOf('warning')],
    queries: each(
      {
        'metric points': 'otelcol_receiver_refused_metric_points_total',
        spans: 'otelcol_receiver_refused_spans_total',
        'log records': 'otelcol_receiver_refused_log_records_total',
      },
      lately,
    ),
  },
  {
    key: 'collector-lost',
    title: 'Lost, last hour',
    help: 'What the collector could not pass on or had no room to queue: gone for good.',
    kind: 'lines',
    unit: 'short',
    width: 6,
    noValue: 'Nothing was ever lost',
    alerts: ['TelemetryLoss'],
    thresholds: [anyOf('warning')],
    exempt: 'The collector creates these counters with the first loss.',
    queries: each(
      {
        'metric points, not sent': 'otelcol_exporter_send_failed_metric_points_total',
        'spans, not sent': 'otelcol_exporter_send_failed_spans_total',
        'spans, not queued': 'otelcol_exporter_enqueue_failed_spans_total',
        'log records, not sent': 'otelcol_exporter_send_failed_log_records_total',
        'log records, not queued': 'otelcol_exporter_enqueue_failed_log_records_total',
      },
      lately,
    ),
  },
  {
    key: 'collector-queue',
    title: 'Queues',
    help: 'How full the queue of each exporter is; at 1 data is lost. Exporters to files have none.',
    kind: 'lines',
    unit: 'percentunit',
    width: 24,
    noValue: 'No exporter has a queue: traces and logs go to files',
    thresholds: [{ at: 0.8, side: 'above', severity: 'warning' }],
    exempt: 'Natively traces and logs go to files, which have no queue.',
    queries: [
      {
        expr: `${collector.gauge('max', 'otelcol_exporter_queue_size', { by: ['exporter'] })} / ${collector.gauge('max', 'otelcol_exporter_queue_capacity', { by: ['exporter'] })}`,
        legend: '{{exporter}}',
      },
    ],
  },
];
