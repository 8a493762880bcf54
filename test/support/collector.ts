import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collector } from '../../scripts/stack/parts.ts';
import { type RunningPart, startPart, type Where } from './running-part.ts';

export interface RunningCollector extends RunningPart {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  endpoint: string;
  /** What Prometheus would scrape now: all that agents have pushed. */
  metricsText: () => Promise<string>;
  /** The collector's metrics about itself. */
  selfText: () => Promise<string>;
  /** The OTLP documents that it has written so far; traces appear a second after their sampling. */
  traces: () => Promise<unknown[]>;
  logs: () => Promise<unknown[]>;
}

/**
 * The real collector with the real configuration, at a test's pace: every trace is kept, a second after its first
 * span. `env` sets any COLLECTOR_… variable; `ports` and `dir` of a stopped one bring it back where it was.
 */
export async function startCollector(
  options: Where & { env?: Record<string, string> } = {},
): Promise<RunningCollector> {
  const pace = { COLLECTOR_DECISION_WAIT: '1s', COLLECTOR_TRACE_PERCENT: '100' };
  const part = await startPart((ports, dir) => {
    const real = collector({ ports, dir, interval: '1s' });
    return { ...real, env: { ...real.env, ...pace, ...options.env } };
  }, options);
  const text = async (port: number) => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    if (!response.ok) throw new Error(`the collector's /metrics answers ${response.status}`);
    return response.text();
  };
  return {
    ...part,
    endpoint: `http://127.0.0.1:${part.ports.otlpHttp}`,
    metricsText: () => text(part.ports.collectorMetrics),
    selfText: () => text(part.ports.collectorSelf),
    traces: () => documents(join(part.dir, 'telemetry/traces.jsonl')),
    logs: () => documents(join(part.dir, 'telemetry/logs.jsonl')),
  };
}

async function documents(path: string): Promise<unknown[]> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}
