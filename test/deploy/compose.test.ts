import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/stack/parts.ts';
import { ConfigError, readConfig } from '../../src/config.ts';
import { CONFIG } from '../../src/mixin/config.ts';
import { OTELCOL, PROMTOOL, runProgram } from '../support/programs.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { composeConfig, nameOf, readProject, readYaml, SECRETS } from './compose.ts';
import { IMAGES } from './images.ts';

const project = await readProject();
const services = Object.entries(project.services);

test('docker compose itself finds no fault in it, and does find one', async () => {
  await composeConfig(['--quiet']);
  await composeConfig(['--quiet'], { ...SECRETS, COMPOSE_PROFILES: 'sandbox' });

  await using dir = await temporaryDir();
  const text = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8');
  const broken = async (from: string, to: string, complaint: RegExp) => {
    assert.ok(text.includes(from), from);
    const file = join(dir.path, 'docker-compose.yml');
    await writeFile(file, text.replace(from, to));
    await assert.rejects(composeConfig(['--quiet'], SECRETS, file), complaint);
  };
  await broken('healthcheck:', 'helthcheck:', /helthcheck/);
  await broken('condition: service_healthy', 'condition: service_well', /service_well|condition/);
  await broken('      redis: {', '      rediss: {', /rediss/);
  await broken('- prometheus:/prometheus', '- promtheus:/prometheus', /promtheus/);
});

test('without its secrets it does not start, and none of them is written down', async () => {
  await assert.rejects(composeConfig(['--quiet'], { ...SECRETS, AUTH_TOKENS: '' }), /set AUTH_TOKENS/);
  await assert.rejects(
    composeConfig(['--quiet'], { ...SECRETS, GRAFANA_ADMIN_PASSWORD: '' }),
    /set GRAFANA_ADMIN_PASSWORD/,
  );
  const { services: raw } = readYaml('docker-compose.yml') as typeof project;
  for (const [name, { environment = {} }] of Object.entries(raw))
    for (const [key, value] of Object.entries(environment))
      if (/PASSWORD|TOKEN|KEY|SECRET/.test(key) && value !== '')
        assert.match(value, /^\$\{[A-Z_]+:[?-][^}]*\}$/, `${name}: ${key}`);
});

test('every image has a pinned version, and is one whose ways are known', () => {
  for (const [name, service] of services) {
    assert.match(service.image, /:v?\d+\.\d+(\.\d+)?(-alpine)?$/, name);
    const image = IMAGES[nameOf(service)];
    assert.ok(image, `test/deploy/images.ts does not know ${service.image}`);
    if (service.user) assert.equal(service.user, image.user, name);
  }
});

test('every mounted file is there, read-only, where its image looks; every volume where it writes', () => {
  const used = new Set<string>();
  for (const [name, service] of services) {
    const image = IMAGES[nameOf(service)];
    for (const { type, source, target, read_only } of service.volumes ?? []) {
      if (type === 'bind') {
        assert.ok(existsSync(source), `${name} mounts ${source}, which is not there`);
        assert.ok(read_only, `${name}: ${target} can be written`);
        assert.ok(image?.reads.includes(target), `${name} does not look at ${target}`);
      } else {
        assert.equal(target, image?.writes, name);
        assert.ok(source in project.volumes, source);
        used.add(source);
      }
    }
  }
  assert.deepEqual([...used].sort(), Object.keys(project.volumes).sort());
});

test('what a service keeps, it keeps where its image may write: its volume', () => {
  const kept: Record<string, string[]> = {
    agent: [(project.services.agent?.environment?.DATABASE_URL ?? '').replace('sqlite:', '')],
    prometheus: [flagOf('prometheus', '--storage.tsdb.path')],
    alertmanager: [flagOf('alertmanager', '--storage.path')],
    tempo: pathsIn('deploy/tempo.yml'),
    loki: pathsIn('deploy/loki.yml'),
  };
  for (const [name, paths] of Object.entries(kept)) {
    const volume = project.services[name]?.volumes?.find(({ type }) => type === 'volume')?.target ?? '';
    assert.ok(paths.length > 0, name);
    for (const path of paths) assert.ok(path === volume || path.startsWith(`${volume}/`), `${name}: ${path}`);
  }
});

/** The folders that a service's own file names. */
const pathsIn = (file: string): string[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\b(?:path|\w+_directory|path_prefix): (\/[^\s}]+)/g)].map(
    ([, path]) => path as string,
  );

test('only what people use is published, and on this machine only', () => {
  const published = services.flatMap(([name, { ports = [] }]) =>
    ports.map(({ host_ip, published, target }) => `${name} ${host_ip}:${published}:${target}`),
  );
  assert.deepEqual(published.sort(), [
    'agent 127.0.0.1:8000:8000',
    'alertmanager 127.0.0.1:9093:9093',
    'grafana 127.0.0.1:3000:3000',
    'prometheus 127.0.0.1:9090:9090',
    'sandbox 127.0.0.1:8010:8010',
  ]);
});

test('every service has its limits, comes back by itself, and has no rights that it does not need', () => {
  for (const [name, service] of services) {
    assert.ok(Number(service.mem_limit) >= 64 * 2 ** 20 && (service.cpus ?? 0) > 0 && service.pids_limit, name);
    assert.equal(service.restart, 'unless-stopped', name);
    assert.equal(service.init, true, name);
    assert.deepEqual(service.cap_drop, ['ALL'], name);
  }
});

test('services wait for the health of those that can be asked, with programs that their images have', () => {
  const OWN = new Set(['agent', 'sandbox']); // Their Dockerfile has the check; test/deploy/dockerfile.test.ts runs it.
  for (const [name, { depends_on = {} }] of services)
    for (const [needed, { condition }] of Object.entries(depends_on)) {
      const asked = OWN.has(needed) || project.services[needed]?.healthcheck !== undefined;
      if (condition === 'service_healthy') assert.ok(asked, `${name} waits for the health of ${needed} for ever`);
    }
  for (const [name, service] of services) {
    const [kind, command] = service.healthcheck?.test ?? [];
    if (kind === undefined || command === undefined) continue;
    assert.ok(['CMD', 'CMD-SHELL'].includes(kind), name);
    const [program = ''] = kind === 'CMD' ? [command] : command.split(' ');
    assert.ok(IMAGES[nameOf(service)]?.programs.includes(program), `${name} has no ${program}`);
  }
});

test('COMPOSE_PROFILES=sandbox starts the sandbox and points the agent at it; without it neither', async () => {
  assert.equal(project.services.agent?.environment?.SANDBOX_URL, 'http://sandbox:8010');
  const live = await readProject({ COMPOSE_PROFILES: '' });
  assert.equal(live.services.agent?.environment?.SANDBOX_URL, '');
  assert.equal(live.services.sandbox, undefined);
});

test('without keys and without the sandbox the agent refuses to start, and says what is missing', async () => {
  const settings = async (env: Record<string, string>) => {
    const { services } = await readProject({ ANTHROPIC_API_KEY: '', OPENAI_API_KEY: '', ...env });
    return services.agent?.environment ?? {};
  };
  assert.equal(readConfig(await settings({ COMPOSE_PROFILES: 'sandbox' })).PROVIDERS, 'sandbox');
  const missing = await settings({ COMPOSE_PROFILES: '' });
  assert.throws(
    () => readConfig(missing),
    (error) =>
      error instanceof ConfigError && /ANTHROPIC_API_KEY is not set.*OPENAI_API_KEY is not set/s.test(error.message),
  );
  const keys = { ANTHROPIC_API_KEY: 'a-key', OPENAI_API_KEY: 'another' };
  assert.equal(readConfig(await settings({ COMPOSE_PROFILES: '', ...keys })).PROVIDERS, 'live');
});

test('the collector accepts its configuration with the environment that compose gives it', async () => {
  const env = project.services['otel-collector']?.environment ?? {};
  await runProgram(OTELCOL, ['validate', '--config', 'otel-collector.yaml'], env);
  const limitMib = Number(project.services['otel-collector']?.mem_limit) / 2 ** 20;
  assert.ok(Number(env.COLLECTOR_MEMORY_MIB) < limitMib, 'it refuses data before it is killed');
});

test('Prometheus and Alertmanager accept what is mounted, as it lies in their containers', async () => {
  await using dir = await temporaryDir();
  for (const name of ['prometheus', 'alertmanager'])
    for (const { type, source, target } of project.services[name]?.volumes ?? [])
      if (type === 'bind') await cp(source, join(dir.path, target), { recursive: true });
  const check = await runProgram(PROMTOOL, ['check', 'config', join(dir.path, 'etc/prometheus/prometheus.yml')]);
  assert.match(check, /SUCCESS: 2 rule files found/);
  const runbook = join(dir.path, flagOf('prometheus', '--web.console.templates'), 'runbook.html');
  assert.ok(existsSync(runbook), 'alerts link to a page that Prometheus serves');
  await runProgram(join(ROOT, '.stack/bin/amtool'), [
    'check-config',
    join(dir.path, 'etc/alertmanager/alertmanager.yml'),
  ]);
});

test('people are sent to addresses that are published', () => {
  assert.equal(flagOf('prometheus', '--web.external-url'), 'http://localhost:9090');
  const { environment = {}, volumes = [] } = project.services.grafana ?? {};
  assert.equal(environment.GF_SERVER_ROOT_URL, CONFIG.grafana);
  const home = environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH ?? '';
  const folder = volumes.find(({ target }) => home.startsWith(`${target}/`));
  assert.ok(folder && existsSync(home.replace(folder.target, folder.source)), `${home} is not mounted`);
});

function flagOf(name: string, flag: string): string {
  const given = project.services[name]?.command?.find((each) => each.startsWith(`${flag}=`));
  assert.ok(given, `${name} is started without ${flag}`);
  return given.slice(flag.length + 1);
}

for (const [name, program] of [
  ['prometheus', 'prometheus'],
  ['alertmanager', 'prometheus-alertmanager'],
] as const)
  test(`${name} knows every flag that it is started with`, async () => {
    const help = await runProgram(join(ROOT, '.stack/bin', program), ['--help']);
    for (const flag of project.services[name]?.command ?? [])
      assert.ok(help.includes(` ${flag.split('=')[0]}=`), `${name} has no ${flag}`);
  });
