import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { writeAlertmanagerConfig } from '../../scripts/stack/alertmanager.ts';
import { ROOT } from '../../scripts/stack/parts.ts';
import { DEFAULT_PORTS } from '../../scripts/stack/ports.ts';
import { ALERT_NAMES, type AlertName, CONFIG } from '../../src/mixin/config.ts';
import { asShipped } from '../../src/mixin/pace.ts';
import { rulesOf } from '../../src/mixin/rules/index.ts';
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
  assert.equal(await route(['severity=warning']), 'tickets');
  assert.equal(await route(['alertname=Foreign']), 'tickets');
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

test('every inhibition is between alerts of ours', () => {
  const scope = `service = "${CONFIG.job}"`;
  for (const { source_matchers: sources, target_matchers: targets } of inhibitions)
    for (const matchers of [sources, targets]) assert.ok(matchers.includes(scope), `${matchers} takes in strangers`);
  for (const { groups } of Object.values(rulesOf(asShipped)))
    for (const rule of groups.flatMap(({ rules }) => rules))
      if ('alert' in rule) assert.equal(rule.labels.service, CONFIG.job, rule.alert);
});

type Labels = Record<string, string>;
const agent = { job: CONFIG.job };
const mine = { ...agent, instance: 'a:1' };
const theirs = { service: 'another' };

/** Alerts are ours where `service` does not say otherwise. */
const CASES: { what: string; alerts: Labels[]; silenced: string[] }[] = [
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
      { alertname: 'CollectorDown', severity: 'critical', job: 'otel-collector', state: 'down' },
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
    what: 'another team’s CollectorDown silences nothing of ours, nor do its pages',
    alerts: [
      { alertname: 'CollectorDown', severity: 'critical', job: 'otel-collector', state: 'down', ...theirs },
      { alertname: 'BudgetNearlySpent', severity: 'critical', ...agent, ...theirs },
      { alertname: 'BudgetNearlySpent', severity: 'warning', ...agent },
      { alertname: 'AgentDown', severity: 'critical' },
    ],
    silenced: [],
  },
  {
    what: 'our CollectorDown silences nothing of theirs, nor do our pages',
    alerts: [
      { alertname: 'CollectorDown', severity: 'critical', job: 'otel-collector', state: 'down' },
      { alertname: 'CollectorDown', severity: 'warning', job: 'otel-collector', ...theirs },
      { alertname: 'AgentDown', severity: 'critical', ...theirs },
      { alertname: 'HighAPICosts', severity: 'warning', ...agent, ...theirs },
    ],
    silenced: [],
  },
  {
    what: 'a page silences the tickets of the same alert, for the same job',
    alerts: [
      { alertname: 'VoiceTurnBudgetBurn', severity: 'critical', ...agent, long: '1h' },
      { alertname: 'VoiceTurnBudgetBurn', severity: 'warning', ...agent, long: '3d' },
      { alertname: 'VoiceTurnBudgetBurn', severity: 'warning', job: `school/${CONFIG.job}`, long: '3d' },
      { alertname: 'BudgetNearlySpent', severity: 'critical', ...agent },
      { alertname: 'BudgetNearlySpent', severity: 'warning', ...agent },
      { alertname: 'HighAPICosts', severity: 'warning', ...agent },
    ],
    silenced: ['BudgetNearlySpent', 'VoiceTurnBudgetBurn'],
  },
  {
    what: 'a collector that refuses metrics is one page, and what it still takes is heard',
    alerts: [
      { alertname: 'CollectorRefusingData', severity: 'critical', receiver: 'otlp', signal: 'metrics' },
      { alertname: 'CollectorRefusingData', severity: 'warning', receiver: 'otlp', signal: 'spans' },
      { alertname: 'HighErrorRate', severity: 'critical', ...agent, what: 'turns' },
    ],
    silenced: ['CollectorRefusingData'],
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

const ours = (labels: Labels): Labels => ({ service: CONFIG.job, ...labels });

for (const { what, alerts, silenced } of CASES) {
  test(what, async () => {
    await using alertmanager = await startAlertmanager();
    await alertmanager.send(alerts.map(ours));
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

test('each alert of a job is told in a message of its own, whose name its labels say', async () => {
  await using alertmanager = await startAlertmanager();
  const fails = { severity: 'critical', ...agent };
  await alertmanager.send([
    ours({ alertname: 'ClaudeAPIFailures', model: 'a', ...fails }),
    ours({ alertname: 'ClaudeAPIFailures', model: 'b', ...fails }),
    ours({ alertname: 'WhisperAPIFailures', ...fails }),
  ]);
  const groups = await waitFor('two groups', async () => {
    const response = await fetch(`${alertmanager.url}/api/v2/alerts/groups`);
    const all = (await response.json()) as { labels: Labels; alerts: unknown[] }[];
    return all.length > 1 ? all : undefined;
  });
  assert.deepEqual(groups.map(({ labels, alerts }) => [labels.alertname, labels.job, alerts.length]).sort(), [
    ['ClaudeAPIFailures', CONFIG.job, 2],
    ['WhisperAPIFailures', CONFIG.job, 1],
  ]);
});

test('the webhook hears that an alert is over', async () => {
  await using alertmanager = await startAlertmanager();
  const alert = ours({ alertname: 'DatabaseDown', severity: 'critical', ...mine });
  await alertmanager.send([alert]);
  await waitFor('firing', async () => (alertmanager.told.at(-1)?.status === 'firing' ? true : undefined));
  await alertmanager.send([alert], new Date());
  const over = await waitFor('resolved', async () => alertmanager.told.find(({ status }) => status === 'resolved'));
  assert.deepEqual(over.labels, alert);
});
