import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { writeAlertmanagerConfig } from '../../scripts/stack/alertmanager.ts';
import { ROOT } from '../../scripts/stack/parts.ts';
import { DEFAULT_PORTS } from '../../scripts/stack/ports.ts';
import { ALERT_NAMES, type AlertName, CONFIG } from '../../src/mixin/config.ts';
import { startAlertmanager } from '../support/alertmanager.ts';
import { AMTOOL, runProgram } from '../support/programs.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { waitFor } from '../support/wait.ts';

const FILE = join(ROOT, 'alertmanager.yml');
const text = await readFile(FILE, 'utf8');
const check = (file: string) => runProgram(AMTOOL, ['check-config', file]);

type Inhibition = { source_matchers: string[]; target_matchers: string[]; equal?: string[] };
const { inhibit_rules: inhibitions } = parse(text) as { inhibit_rules: Inhibition[] };
const namesIn = (matchers: string[]): AlertName[] =>
  matchers
    .flatMap((matcher) => (/^alertname =~? "(.*)"$/.exec(matcher)?.[1] ?? '').split('|'))
    .filter(Boolean) as never;
const targetsOf = (source: AlertName) =>
  inhibitions
    .filter(({ source_matchers: sources }) => namesIn(sources).includes(source))
    .flatMap(({ target_matchers: targets }) => namesIn(targets));

test('amtool accepts alertmanager.yml, its native copy, and its examples without their `#`', async () => {
  await using dir = await temporaryDir();
  await check(FILE);
  const native = join(dir.path, 'native.yml');
  writeAlertmanagerConfig(ROOT, native, DEFAULT_PORTS, 30);
  await check(native);
  const copy = await readFile(native, 'utf8');
  assert.match(copy, /http:\/\/127\.0\.0\.1:9099\//);
  assert.doesNotMatch(copy, /alerts:9099|group_(wait|interval): \d+m/);
  const examples = join(dir.path, 'examples.yml');
  const uncommented = text.replaceAll(/^# {3}/gm, '    ');
  assert.match(uncommented, /^ {4}pagerduty_configs:/m);
  assert.match(uncommented, /^ {4}slack_configs:/m);
  await writeFile(examples, uncommented);
  await check(examples);
});

test('every alert is routed by its severity; one without is told too', async () => {
  const route = async (labels: string[]) =>
    (await runProgram(AMTOOL, ['config', 'routes', 'test', `--config.file=${FILE}`, ...labels])).split('\n')[0];
  assert.equal(await route(['severity=critical']), 'pager');
  assert.equal(await route(['severity=warning']), 'daytime');
  assert.equal(await route(['alertname=Foreign']), 'daytime');
  const severities = new Set(ALERT_NAMES.map((name) => CONFIG.alerts[name].severity));
  assert.deepEqual([...severities].sort(), ['critical', 'warning']);
});

test('inhibitions name alerts that exist, and CollectorDown silences all others', () => {
  const known = new Set<string>(ALERT_NAMES);
  for (const { source_matchers: sources, target_matchers: targets } of inhibitions) {
    for (const name of [...namesIn(sources), ...namesIn(targets)]) assert.ok(known.has(name), `${name} is no alert`);
  }
  assert.deepEqual(targetsOf('CollectorDown').sort(), ALERT_NAMES.filter((name) => name !== 'CollectorDown').sort());
  assert.ok(targetsOf('AgentDown').includes('TelemetryStale'));
  assert.ok(!targetsOf('AgentDown').includes('CollectorDown'), 'no two silence each other');
});

const agent = { job: 'learning-voice-agent' };
const mine = { ...agent, instance: 'a:1' };
const CASES: { what: string; alerts: Record<string, string>[]; silenced: string[] }[] = [
  {
    what: 'a dead agent silences its symptoms, and not what others lose',
    alerts: [
      { alertname: 'AgentDown', severity: 'critical' },
      { alertname: 'TelemetryStale', severity: 'warning', ...mine },
      { alertname: 'HighErrorRate', severity: 'critical', ...agent, what: 'turns' },
      { alertname: 'TelemetryLoss', severity: 'warning', ...agent },
    ],
    silenced: ['HighErrorRate', 'TelemetryStale'],
  },
  {
    what: 'a dead collector silences all that depends on it, and nobody else’s alerts',
    alerts: [
      { alertname: 'CollectorDown', severity: 'critical', job: 'otel-collector' },
      { alertname: 'AgentDown', severity: 'critical' },
      { alertname: 'HighAPICosts', severity: 'warning', ...agent },
      { alertname: 'DiskFull', severity: 'warning', ...agent },
    ],
    silenced: ['AgentDown', 'HighAPICosts'],
  },
  {
    what: 'one silent agent silences its own last words only',
    alerts: [
      { alertname: 'TelemetryStale', severity: 'warning', ...mine },
      { alertname: 'RedisDown', severity: 'warning', ...mine },
      { alertname: 'DatabaseDown', severity: 'critical', ...agent, instance: 'b:1' },
    ],
    silenced: ['RedisDown'],
  },
  {
    what: 'a page of the SLO silences its tickets, for the same job',
    alerts: [
      { alertname: 'VoiceTurnBudgetBurn', severity: 'critical', ...agent, long: '1h' },
      { alertname: 'VoiceTurnBudgetBurn', severity: 'warning', ...agent, long: '3d' },
      { alertname: 'VoiceTurnBudgetBurn', severity: 'warning', job: 'another', long: '3d' },
    ],
    silenced: ['VoiceTurnBudgetBurn'],
  },
  {
    what: 'no database, no answers: one page',
    alerts: [
      { alertname: 'DatabaseDown', severity: 'critical', ...mine },
      { alertname: 'HighErrorRate', severity: 'critical', ...agent, what: 'turns' },
      { alertname: 'ClaudeAPIFailures', severity: 'critical', ...agent },
    ],
    silenced: ['HighErrorRate'],
  },
];

for (const { what, alerts, silenced } of CASES) {
  test(what, async () => {
    await using alertmanager = await startAlertmanager();
    await alertmanager.send(alerts);
    await waitFor(`${silenced.join(', ')} silenced`, async () => {
      const now = await alertmanager.silenced();
      assert.deepEqual(now, silenced);
      return true;
    });
    const loud = alerts.length - silenced.length;
    await waitFor('the others told', async () => (alertmanager.told.length >= loud ? true : undefined));
    assert.equal(alertmanager.told.length, loud);
  });
}

test('the webhook hears that an alert is over', async () => {
  await using alertmanager = await startAlertmanager();
  const alert = { alertname: 'DatabaseDown', severity: 'critical', ...mine };
  await alertmanager.send([alert]);
  await waitFor('firing', async () => (alertmanager.told.at(-1)?.status === 'firing' ? true : undefined));
  await alertmanager.send([alert], new Date());
  const over = await waitFor('resolved', async () => alertmanager.told.find(({ status }) => status === 'resolved'));
  assert.deepEqual(over.labels, alert);
});
