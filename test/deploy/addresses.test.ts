import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/stack/parts.ts';
import { nameOf, readProject, readYaml, type Service } from './compose.ts';
import { IMAGES } from './images.ts';

const { services } = await readProject();

/** The files that each service reads in its container. */
const READS: Record<string, string[]> = {
  prometheus: ['prometheus.yml'],
  alertmanager: ['alertmanager.yml'],
  grafana: ['grafana/provisioning/datasources/data-sources.yml'],
  tempo: ['deploy/tempo.yml'],
  loki: ['deploy/loki.yml'],
};

/** Every string in a value, however deep. */
function* strings(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (value !== null && typeof value === 'object') for (const inner of Object.values(value)) yield* strings(inner);
}

/** The `host:port` pairs that a service names in its environment, its command line and its files. */
function named(name: string, { environment, command }: Service): { host: string; port: number }[] {
  const files = (READS[name] ?? []).map(readYaml);
  return [...strings([environment, command, files])].flatMap((text) =>
    [...text.matchAll(/(?:^|[/@,=\s])([a-z][a-z0-9-]*):(\d{2,5})(?=$|[/,\s])/g)].map(([, host, port]) => ({
      host: host as string,
      port: Number(port),
    })),
  );
}

/** The ports that a service listens on beyond its loopback, by its own configuration. */
function listensOn(name: string, service: Service): number[] {
  const env = service.environment ?? {};
  if (name === 'otel-collector') {
    assert.equal(env.COLLECTOR_HOST, '0.0.0.0');
    const defaults = readFileSync(join(ROOT, 'otel-collector.yaml'), 'utf8');
    return [...defaults.matchAll(/\$\{env:(COLLECTOR_\w*_PORT):-(\d+)\}/g)].map(([, variable, port]) =>
      Number(env[variable as string] ?? port),
    );
  }
  if (name === 'tempo') {
    const { server, distributor } = readYaml('deploy/tempo.yml');
    const otlp = Object.values(distributor.receivers.otlp.protocols) as { endpoint: string }[];
    return [server.http_listen_port, ...otlp.map(({ endpoint }) => Number(/^0\.0\.0\.0:(\d+)$/.exec(endpoint)?.[1]))];
  }
  if (name === 'loki') return [readYaml('deploy/loki.yml').server.http_listen_port];
  if (name === 'sandbox') {
    const image = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
    assert.match(image, /SANDBOX_HOST=0\.0\.0\.0/);
    return [Number(/SANDBOX_PORT=(\d+)/.exec(image)?.[1])];
  }
  if (env.PORT) {
    assert.equal(env.HOST, '0.0.0.0', name);
    return [Number(env.PORT)];
  }
  return IMAGES[nameOf(service)]?.listens ?? [];
}

test('every address that one service names is another service, on a port that it listens on', () => {
  const ways = new Set<string>();
  for (const [name, service] of Object.entries(services))
    for (const { host, port } of named(name, service)) {
      // What a browser on this machine is told: a published port.
      if (host === 'localhost') {
        const published = Object.values(services).flatMap(({ ports = [] }) => ports.map((each) => each.published));
        assert.ok(published.includes(`${port}`), `${name} tells people of localhost:${port}, which is not published`);
        continue;
      }
      const other = services[host];
      assert.ok(other, `${name} names ${host}:${port}, and there is no service ${host}`);
      assert.ok(
        listensOn(host, other).includes(port),
        `${name} names ${host}:${port}; it listens on ${listensOn(host, other)}`,
      );
      ways.add(`${name} → ${host}:${port}`);
    }
  assert.deepEqual([...ways].sort(), [
    'agent → otel-collector:4318',
    'agent → redis:6379',
    'agent → sandbox:8010',
    'alertmanager → alerts:9099',
    'grafana → alertmanager:9093',
    'grafana → loki:3100',
    'grafana → prometheus:9090',
    'grafana → tempo:3200',
    'otel-collector → loki:3100',
    'otel-collector → tempo:4318',
    'prometheus → alertmanager:9093',
    'prometheus → otel-collector:8888',
    'prometheus → otel-collector:8889',
  ]);
});

test('a published port is one that its service listens on', () => {
  for (const [name, service] of Object.entries(services))
    for (const { target } of service.ports ?? [])
      assert.ok(listensOn(name, service).includes(target), `${name}: ${target}`);
});

test('data sources name each other by uids that exist', () => {
  const { datasources } = readYaml('grafana/provisioning/datasources/data-sources.yml');
  const uids = new Set(datasources.map(({ uid }: { uid: string }) => uid));
  const links = [...JSON.stringify(datasources).matchAll(/"(?:datasource|alertmanager)Uid":"(.*?)"/g)].map(
    ([, uid]) => uid,
  );
  assert.deepEqual([...new Set(links)].sort(), ['alertmanager', 'loki', 'prometheus', 'tempo']);
  for (const uid of links) assert.ok(uids.has(uid), uid);
});
