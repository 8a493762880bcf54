import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { writeAlertmanagerConfig } from './alertmanager.ts';
import type { Ports } from './ports.ts';
import { type RulesFrom, writePrometheusConfig } from './prometheus.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** The folder of the `prometheus` and `promtool` that are run: Debian's 2.42, or where PROMETHEUS_DIR points. */
export const PROMETHEUS_DIR = resolve(ROOT, process.env.PROMETHEUS_DIR || '.stack/bin');

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
  /** A drill's rules and its pace of alerting. */
  drill?: RulesFrom & { divisor: number };
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

/** The webhook that prints alerts, where Alertmanager's example receivers send them. */
export function alerts({ ports, dir }: Setting): Part {
  const file = join(dir, 'alerts/alerts.jsonl');
  return {
    name: 'alerts',
    command: process.execPath,
    args: ['scripts/alert-receiver.ts'],
    env: { HOST: '127.0.0.1', PORT: `${ports.alerts}`, ALERTS_FILE: file },
    address: `http://127.0.0.1:${ports.alerts}`,
    prepare: () => mkdirSync(dirname(file), { recursive: true }),
    ready: () => httpAnswers(`http://127.0.0.1:${ports.alerts}/`),
  };
}

/** Alertmanager, alone: without a cluster it sends at once. */
export function alertmanager({ ports, dir, drill }: Setting): Part {
  const home = join(dir, 'alertmanager');
  return {
    name: 'alertmanager',
    command: join(ROOT, '.stack/bin/prometheus-alertmanager'),
    args: [
      `--config.file=${join(home, 'alertmanager.yml')}`,
      `--storage.path=${join(home, 'data')}`,
      `--web.listen-address=127.0.0.1:${ports.alertmanager}`,
      `--web.external-url=http://127.0.0.1:${ports.alertmanager}`,
      '--cluster.listen-address=',
    ],
    env: {},
    address: `http://127.0.0.1:${ports.alertmanager}`,
    prepare: () => writeAlertmanagerConfig(ROOT, join(home, 'alertmanager.yml'), ports, drill?.divisor),
    ready: () => httpAnswers(`http://127.0.0.1:${ports.alertmanager}/-/ready`),
  };
}

/** Prometheus over the collector's two targets, with the rules; it also serves the runbook that alerts link to. */
export function prometheus({ ports, dir, interval = '5s', drill }: Setting): Part {
  const home = join(dir, 'prometheus');
  const consoles = join(ROOT, 'alerts/consoles');
  return {
    name: 'prometheus',
    command: join(PROMETHEUS_DIR, 'prometheus'),
    args: [
      `--config.file=${join(home, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(home, 'data')}`,
      `--web.listen-address=127.0.0.1:${ports.prometheus}`,
      // Alerts link to the runbook at this address.
      `--web.external-url=http://127.0.0.1:${ports.prometheus}`,
      `--web.console.templates=${consoles}`,
      `--web.console.libraries=${consoles}`,
      `--rules.alert.resend-delay=${drill ? '5s' : '1m'}`,
      '--enable-feature=exemplar-storage',
    ],
    env: {},
    address: `http://127.0.0.1:${ports.prometheus}`,
    prepare: () => writePrometheusConfig(ROOT, join(home, 'prometheus.yml'), ports, interval, drill),
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
  return [redis, collector, alerts, alertmanager, prometheus, agent].map((part) => part(setting));
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
