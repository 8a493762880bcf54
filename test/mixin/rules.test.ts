import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { ROOT } from '../../scripts/stack/parts.ts';
import { panelOf } from '../../src/mixin/boards/index.ts';
import { ALERT_NAMES, type AlertName, CONFIG } from '../../src/mixin/config.ts';
import { asShipped, hurried, seconds } from '../../src/mixin/pace.ts';
import { ruleFiles, rulesOf } from '../../src/mixin/rules/index.ts';
import type { AlertRule, RuleGroup } from '../../src/mixin/rules/rule.ts';
import { selectorsOf } from './mutants.ts';
import { promtool } from './promtool.ts';

const FILES = Object.keys(ruleFiles());
const rulesIn = (files: Record<string, { groups: RuleGroup[] }>) =>
  Object.values(files).flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));
const shipped = rulesIn(rulesOf(asShipped));
const alerts = shipped.filter((rule): rule is AlertRule => 'alert' in rule);

test('promtool takes the rules', async () => {
  const output = await promtool('check', 'rules', ...FILES.map((file) => `alerts/${file}`));
  assert.doesNotMatch(output, /FAILED|error:/);
  assert.match(output, /SUCCESS: \d+ rules found/);
});

// NOTE: the SLO's are minutes of work on a busy machine: days of samples, and a look at all rules every minute of them.
for (const file of FILES)
  test(`the tests of ${file} hold`, { timeout: 300_000 }, async () => {
    const output = await promtool('test', 'rules', `alerts/${file.replace('.yml', '.test.yml')}`);
    assert.doesNotMatch(output, /FAILED/);
    assert.match(output, /SUCCESS/);
  });

/** Alerts of more than one rule: by how bad it is, by what failed, by how fast the budget burns. */
const SEVERAL: Partial<Record<AlertName, number>> = {
  BudgetNearlySpent: 2,
  CollectorDown: 2,
  CollectorRefusingData: 2,
  VoiceTurnBudgetBurn: CONFIG.slo.burn.length,
};

test('every alert of the config has its rules, and no other has any', () => {
  assert.deepEqual([...new Set(alerts.map(({ alert }) => alert))].sort(), [...ALERT_NAMES].sort());
  for (const name of ALERT_NAMES) {
    assert.equal(alerts.filter(({ alert }) => alert === name).length, SEVERAL[name] ?? 1, name);
  }
});

test('every selector says whose series it means: our agents’, the collector’s, or a recording of ours', () => {
  const JOBS = new Set([`=~"(.+/)?${CONFIG.job}"`, '="otel-collector"', '="otlp"', '=~"otlp|otel-collector"']);
  const stray = shipped.flatMap(({ expr }) =>
    selectorsOf(expr).filter((selector) => {
      const [, job = ''] = selector.match(/\bjob(=~?"[^"]*")/) ?? [];
      return !JOBS.has(job) && !/^job\w*:/.test(selector);
    }),
  );
  assert.deepEqual(stray, []);
  assert.deepEqual(selectorsOf('sum(a{b="c"}) / d'), ['a{b="c"}', 'd']);
});

test('every alert says how bad it is, what it means, what to do and where to look', () => {
  for (const { alert, labels, annotations } of alerts) {
    assert.ok(['critical', 'warning'].includes(labels.severity), alert);
    assert.ok(annotations.summary.length > 0 && annotations.summary.length <= 100, alert);
    assert.ok(annotations.description.length > annotations.summary.length / 2, alert);
    assert.equal(annotations.runbook_url, `{{ $externalURL }}/consoles/runbook.html#${alert.toLowerCase()}`);
    const { uid, id } = panelOf(alert);
    assert.equal(annotations.dashboard_url, `${CONFIG.grafana}/d/${uid}?viewPanel=${id}`);
  }
});

test('what an alert reads is recorded before it, in its own group', () => {
  for (const { groups } of Object.values(rulesOf(asShipped)))
    for (const { name, rules } of groups)
      for (const [position, { expr }] of rules.entries())
        for (const [recording] of expr.matchAll(/\bjob\w*:[\w:]+/g))
          assert.ok(
            rules.slice(0, position).some((rule) => 'record' in rule && rule.record === recording),
            `${name}: ${recording}`,
          );
});

test('the files are those that the generator makes', async () => {
  for (const [file, text] of Object.entries(ruleFiles()))
    assert.equal(await readFile(join(ROOT, 'alerts', file), 'utf8'), text, `run npm run generate: alerts/${file}`);
});

test('the generated YAML says what the rules say', () => {
  for (const [file, text] of Object.entries(ruleFiles())) assert.deepEqual(parse(text), rulesOf(asShipped)[file]);
});

test('a hurried drill changes durations and nothing else', () => {
  const drilled = rulesIn(rulesOf(hurried(30, 4)));
  assert.equal(drilled.length, shipped.length);
  for (const [index, rule] of shipped.entries()) {
    const other = drilled[index];
    assert.ok(other);
    assert.deepEqual(masked(other), masked(rule));
    const [before, after] = [durationsOf(rule.expr), durationsOf(other.expr)];
    assert.equal(after.length, before.length);
    for (const [at, duration] of before.entries()) {
      const hurriedS = after[at];
      assert.ok(hurriedS !== undefined && hurriedS < duration, rule.expr);
      assert.ok(hurriedS >= 4, rule.expr);
    }
  }
});

const DURATION = /(?<=\[|offset )\d+[smhd]\b/g;
const durationsOf = (expr: string): number[] =>
  Array.from(expr.matchAll(DURATION), ([duration]) => seconds(duration as `${number}s`));

/** A rule without its durations. */
function masked(rule: (typeof shipped)[number]): object {
  return { ...rule, expr: rule.expr.replaceAll(DURATION, '…'), ...('for' in rule && { for: '…' }) };
}
