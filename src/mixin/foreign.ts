import { bounded, counter, gauge, histogram } from '../telemetry/catalog/define.ts';

const RECEIVER = { receiver: bounded(8), transport: bounded(4) } as const;
const EXPORTER = { exporter: bounded(8) } as const;
const SPAN = {
  service_name: bounded(16),
  span_name: bounded(500),
  span_kind: bounded(8),
  status_code: ['STATUS_CODE_OK', 'STATUS_CODE_ERROR', 'STATUS_CODE_UNSET'],
} as const;

const received = (what: string, verdict: string) =>
  counter({ help: `${what} that the collector ${verdict}.`, unit: '{item}', labels: RECEIVER });
const exported = (what: string, verdict: string) =>
  counter({ help: `${what} that the collector ${verdict}.`, unit: '{item}', labels: EXPORTER });

/**
 * Metrics that boards and rules read but the agent's catalog does not hold: of Prometheus, of the collector (0.155, with
 * unit and type suffixes switched on) and of OpenTelemetry's libraries for Node. Names are those that Prometheus stores.
 */
export const foreign = {
  up: gauge({ help: 'Whether Prometheus could scrape a target.', unit: '' }),
  scrape_duration_seconds: gauge({ help: 'Time that a scrape took.', unit: 's' }),
  scrape_samples_scraped: gauge({ help: 'Samples that a scrape brought.', unit: '{sample}' }),

  otelcol_receiver_accepted_metric_points_total: received('Metric points', 'took in'),
  otelcol_receiver_accepted_spans_total: received('Spans', 'took in'),
  otelcol_receiver_accepted_log_records_total: received('Log records', 'took in'),
  otelcol_receiver_refused_metric_points_total: received('Metric points', 'refused'),
  otelcol_receiver_refused_spans_total: received('Spans', 'refused'),
  otelcol_receiver_refused_log_records_total: received('Log records', 'refused'),
  otelcol_exporter_sent_metric_points_total: exported('Metric points', 'passed on'),
  otelcol_exporter_sent_spans_total: exported('Spans', 'passed on'),
  otelcol_exporter_sent_log_records_total: exported('Log records', 'passed on'),
  // NOTE: these are born at their first failure.
  otelcol_exporter_send_failed_metric_points_total: exported('Metric points', 'could not pass on'),
  otelcol_exporter_send_failed_spans_total: exported('Spans', 'could not pass on'),
  otelcol_exporter_send_failed_log_records_total: exported('Log records', 'could not pass on'),
  otelcol_exporter_enqueue_failed_spans_total: exported('Spans', 'had no room to queue'),
  otelcol_exporter_enqueue_failed_log_records_total: exported('Log records', 'had no room to queue'),
  otelcol_exporter_queue_size: gauge({ help: 'Batches that wait at an exporter.', unit: '{batch}', labels: EXPORTER }),
  otelcol_exporter_queue_capacity: gauge({ help: 'Batches that may wait.', unit: '{batch}', labels: EXPORTER }),
  otelcol_process_uptime_seconds_total: counter({ help: 'Seconds since the collector started.', unit: 's' }),
  otelcol_process_memory_rss_bytes: gauge({ help: 'Resident memory of the collector.', unit: 'By' }),
  otelcol_process_cpu_seconds_total: counter({ help: 'CPU time of the collector.', unit: 's' }),

  nodejs_eventloop_time_seconds_total: counter({
    help: 'Time of the event loop by what it did.',
    unit: 's',
    labels: { nodejs_eventloop_state: ['active', 'idle'] },
  }),
  v8js_gc_duration_seconds: histogram({
    help: 'Garbage collection pauses.',
    unit: 's',
    labels: { v8js_gc_type: ['major', 'minor', 'incremental', 'weakcb'] },
    buckets: [0.01, 0.1, 1, 10],
  }),
  v8js_memory_heap_used_bytes: gauge({
    help: 'Heap in use.',
    unit: 'By',
    labels: { v8js_heap_space_name: bounded(16) },
  }),
  v8js_memory_heap_space_size_bytes: gauge({
    help: 'Heap set aside.',
    unit: 'By',
    labels: { v8js_heap_space_name: bounded(16) },
  }),
  http_client_request_duration_seconds: histogram({
    help: 'Duration of HTTP calls to the providers, by their host.',
    unit: 's',
    labels: { server_address: bounded(16), http_request_method: bounded(8), http_response_status_code: bounded(32) },
    buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  }),
  traces_span_metrics_calls_total: counter({ help: 'Spans, counted before sampling.', unit: '{span}', labels: SPAN }),
  traces_span_metrics_duration_seconds: histogram({
    help: 'Duration of spans, with exemplars.',
    unit: 's',
    labels: SPAN,
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10],
  }),
};
