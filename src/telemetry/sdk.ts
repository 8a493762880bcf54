import { hostname } from 'node:os';
import { type DiagLogger, DiagLogLevel, diag, metrics, type Tracer, trace } from '@opentelemetry/api';
import { getBooleanFromEnv, getNumberFromEnv, getStringFromEnv, getStringListFromEnv } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { envDetector, hostDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { PeriodicExportingMetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { type ClientSpans, createClientSpans } from './client-spans.ts';
import { type ExportStatus, guardExporter, noExporter } from './exporter.ts';
import { prometheusText } from './exposition.ts';
import { instrumentations, views } from './instrumentations.ts';
import { createInstruments, type Instruments } from './instruments.ts';
import { createOutliers, type Outliers } from './outliers.ts';
import { createSelfCheck } from './self-check.ts';
import { sqlSpanNames } from './sql-span-names.ts';

export const SERVICE_NAME = 'learning_voice_agent';
const EXPORT_INTERVAL_MS = 5_000;

export type Telemetry = {
  instruments: Instruments;
  tracer: Tracer;
  outliers: Outliers;
  clientSpans: ClientSpans;
  /** OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true: spans carry what was said. Off unless asked for. */
  captureContent: boolean;
  /** The state of every metric just now, from the one reader that also pushes. */
  collect(): Promise<ResourceMetrics>;
  /** Prometheus text of `collect`. */
  text(): Promise<string>;
  exportStatus(): ExportStatus;
  /** Hears once when pushes begin to fail, and once when they succeed again. */
  onExportChange(listener: (up: boolean, error?: Error) => void): void;
  /** Begins to push, now and from now on; waits no longer than the deadline, and says whether the collector took it. */
  open(deadlineMs: number): Promise<boolean>;
  /** Flushes and stops, but never takes longer than the deadline; says whether all was delivered in time. */
  shutdown(deadlineMs: number): Promise<boolean>;
};

/**
 * Starts the SDK: one meter provider with one reader behind push, `/metrics` and `/api/metrics`; spans and logs over
 * OTLP/HTTP. Obeys the standard `OTEL_*` variables. Call it once, before anything that it patches is imported.
 */
export function startTelemetry(options: { version: string; instanceId: string }): Telemetry {
  diag.setLogger(quietly(console), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const selfCheck = createSelfCheck();
  const listeners: ((up: boolean, error?: Error) => void)[] = [];
  // NOTE: the exporter is needed before the instruments exist; its first export comes long after.
  const late: { instruments?: Instruments } = {};
  const exporter = pushes('OTEL_METRICS_EXPORTER')
    ? guardExporter(new OTLPMetricExporter(), {
        dropped: (reason) => late.instruments?.telemetry_dropped_points_total.add(1, { reason }),
        changed: (up, error) => {
          selfCheck.mark('export', up);
          for (const listener of listeners) listener(up, error);
        },
      })
    : noExporter();
  const exportIntervalMillis = getNumberFromEnv('OTEL_METRIC_EXPORT_INTERVAL') ?? EXPORT_INTERVAL_MS;
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis,
    exportTimeoutMillis: Math.min(getNumberFromEnv('OTEL_METRIC_EXPORT_TIMEOUT') ?? 30_000, exportIntervalMillis),
  });
  const resource = resourceFromAttributes({
    'service.name': getStringFromEnv('OTEL_SERVICE_NAME') ?? SERVICE_NAME,
    'service.version': options.version,
    // NOTE: stable per slot. A fresh id at each start would make increase() lose the first value.
    'service.instance.id': `${hostname()}:${options.instanceId}`,
  });
  const spanProcessors = [
    sqlSpanNames,
    selfCheck.spans,
    ...(pushes('OTEL_TRACES_EXPORTER')
      ? [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), ...batch('BSP') })]
      : []),
  ];
  const sdk = new NodeSDK({
    resource,
    // NOTE: the default detectors put command lines into target_info.
    resourceDetectors: [hostDetector, envDetector],
    metricReaders: [reader],
    views,
    spanProcessors,
    logRecordProcessors: [
      selfCheck.logs,
      ...(pushes('OTEL_LOGS_EXPORTER')
        ? [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(), ...batch('BLRP') })]
        : []),
    ],
    instrumentations: instrumentations(),
  });
  sdk.start();
  const meter = metrics.getMeter(SERVICE_NAME, options.version);
  const instruments = createInstruments(meter);
  late.instruments = instruments;
  const startedAt = performance.now();
  let stopping = false;
  let stopped: Promise<void> | undefined;
  // The last push says 0: an agent that was stopped on purpose is told from one that died.
  instruments.process_uptime_seconds.observe(() => (stopping ? 0 : (performance.now() - startedAt) / 1000));
  instruments.agent_build_info.observe(() => [{ value: 1, labels: { version: options.version } }]);
  instruments.telemetry_self_check.observe(selfCheck.readings);
  const off = getBooleanFromEnv('OTEL_SDK_DISABLED') ?? false;
  // NOTE: with the SDK switched off the reader belongs to nobody, and there is nothing to read.
  const collect = async () => (off ? { resource, scopeMetrics: [] } : (await reader.collect()).resourceMetrics);
  return {
    instruments,
    tracer: trace.getTracer(SERVICE_NAME, options.version),
    outliers: createOutliers(),
    clientSpans: createClientSpans(spanProcessors),
    captureContent: getBooleanFromEnv('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT') ?? false,
    collect,
    text: async () => prometheusText(await collect()),
    exportStatus: off ? noExporter().status : exporter.status,
    onExportChange: (listener) => listeners.push(listener),
    open: async (deadlineMs) => {
      exporter.open();
      return !off && within(deadlineMs, reader.forceFlush());
    },
    shutdown(deadlineMs) {
      stopping = true;
      stopped ??= sdk.shutdown();
      return within(deadlineMs, stopped);
    },
  };
}

/** OTEL_{METRICS,TRACES,LOGS}_EXPORTER: `otlp` (the default) or `none`. */
const pushes = (variable: string): boolean => !(getStringListFromEnv(variable) ?? []).includes('none');

const batch = (processor: 'BSP' | 'BLRP') => ({
  scheduledDelayMillis: getNumberFromEnv(`OTEL_${processor}_SCHEDULE_DELAY`) ?? 1_000,
  exportTimeoutMillis: getNumberFromEnv(`OTEL_${processor}_EXPORT_TIMEOUT`) ?? 10_000,
});

/** Passes on what the SDK complains of, the same line at most once a minute. A collector that is down is told elsewhere, once. */
function quietly(output: Pick<Console, 'warn' | 'error'>): DiagLogger {
  const lastSaid = new Map<string, number>();
  const say =
    (write: (line: string) => void) =>
    (message: string, ...rest: unknown[]) => {
      if (/ECONNREFUSED|ECONNRESET|timed out|retry/i.test([message, ...rest].join(' '))) return;
      const line = ['opentelemetry:', message, ...rest.map(String)].join(' ').slice(0, 300);
      const key = line.slice(0, 60);
      if (Date.now() - (lastSaid.get(key) ?? 0) < 60_000) return;
      lastSaid.set(key, Date.now());
      write(line);
    };
  const silent = () => {};
  return { error: say(output.error), warn: say(output.warn), info: silent, debug: silent, verbose: silent };
}

async function within(ms: number, work: Promise<void>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  work.then(
    () => resolve(true),
    () => resolve(false),
  );
  return promise.finally(() => clearTimeout(timer));
}
