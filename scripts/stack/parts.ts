import { connect } from 'node:net';
import { join } from 'node:path';
import type { Ports } from './ports.ts';
import { writePrometheusConfig } from './prometheus.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** One process of the stack: how it is started, where it serves, and how to tell that it does. */
export interface Part {
  name: string;
  command: string;
  args: string[];
  env: Record<string, string>;
  address: string;
  /** Writes the files that it starts from. */
  prepare?: () => void;
  /** Resolves when the part serves; rejects while it does not. */
  ready: () => Promise<void>;
}

/** What differs between a developer's stack and a test's: the ports, the folder of its files, and the pace. */
export interface Setting {
  ports: Ports;
  /** Absolute; each part keeps its files in a folder of its name below. */
  dir: string;
  /** Prometheus' scrape interval and the collector's own pace for span metrics, `5s` by default. */
  interval?: string;
}

/** Redis as a cache only: nothing on disk. */
export function redis({ ports }: Setting): Part {
  return {
    name: 'redis',
    command: join(ROOT, '.stack/bin/redis-server'),
    args: ['--bind', '127.0.0.1', '--port', `${ports.redis}`, '--save', '', '--appendonly', 'no'],
    env: {},
    address: `redis://127.0.0.1:${ports.redis}`,
    ready: () => redisAnswers(ports.redis),
  };
}

/** The real collector with the one configuration that containers use too. */
export function collector({ ports, dir, interval = '5s' }: Setting): Part {
  return {
    name: 'collector',
    command: join(ROOT, 'collector/bin/otelcol'),
    args: ['--config', join(ROOT, 'otel-collector.yaml')],
    env: {
      COLLECTOR_HOST: '127.0.0.1',
      COLLECTOR_OTLP_HTTP_PORT: `${ports.otlpHttp}`,
      COLLECTOR_OTLP_GRPC_PORT: `${ports.otlpGrpc}`,
      COLLECTOR_PROMETHEUS_PORT: `${ports.collectorMetrics}`,
      COLLECTOR_SELF_PORT: `${ports.collectorSelf}`,
      COLLECTOR_HEALTH_PORT: `${ports.collectorHealth}`,
      COLLECTOR_FILES: join(dir, 'telemetry'),
      COLLECTOR_SPAN_METRICS_INTERVAL: interval,
      // On a developer's machine every trace is worth keeping.
      COLLECTOR_TRACE_PERCENT: '100',
    },
    address: `http://127.0.0.1:${ports.otlpHttp}`,
    ready: () => httpAnswers(`http://127.0.0.1:${ports.collectorHealth}/`),
  };
}

/** Prometheus over the collector's two targets. */
export function prometheus({ ports, dir, interval = '5s' }: Setting): Part {
  const home = join(dir, 'prometheus');
  return {
    name: 'prometheus',
    command: join(ROOT, '.stack/bin/prometheus'),
    args: [
      `--config.file=${join(home, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(home, 'data')}`,
      `--web.listen-address=127.0.0.1:${ports.prometheus}`,
      '--enable-feature=exemplar-storage',
    ],
    env: {},
    address: `http://127.0.0.1:${ports.prometheus}`,
    prepare: () => writePrometheusConfig(ROOT, join(home, 'prometheus.yml'), ports, interval),
    ready: () => httpAnswers(`http://127.0.0.1:${ports.prometheus}/-/ready`),
  };
}

/** The agent, its sandbox inside, pushing to the collector. */
export function agent({ ports, dir }: Setting): Part {
  return {
    name: 'agent',
    command: process.execPath,
    args: ['--import', './src/instrumentation.ts', 'src/main.ts'],
    env: {
      PORT: `${ports.agent}`,
      REDIS_URL: `redis://127.0.0.1:${ports.redis}`,
      DATABASE_URL: `sqlite:${join(dir, 'data/agent.db')}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.otlpHttp}`,
    },
    address: `http://127.0.0.1:${ports.agent}`,
    ready: () => httpAnswers(`http://127.0.0.1:${ports.agent}/readyz`),
  };
}

/** Every part in the order of starting; they stop in the reverse. */
export function stackParts(setting: Setting): Part[] {
  return [redis(setting), collector(setting), prometheus(setting), agent(setting)];
}

async function httpAnswers(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
}

function redisAnswers(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(2000, () => socket.destroy(new Error('no answer to PING in 2 s')));
    socket.once('error', reject);
    socket.once('data', (answer) => {
      socket.destroy();
      if (`${answer}`.startsWith('+PONG')) resolve();
      else reject(new Error(`PING is answered with ${JSON.stringify(`${answer}`)}`));
    });
  });
}
