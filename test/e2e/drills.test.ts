import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONDITIONS } from '../../scripts/drill/conditions.ts';
import { runDrill } from '../../scripts/drill/run.ts';
import { ALERT_NAMES, type AlertName, CONFIG } from '../../src/mixin/config.ts';
import { temporaryDir } from '../support/temporary-dir.ts';

/** What each of the three tells the webhook, the value in it, and which of its shadows must stay silent. */
const DRILLS: { alert: AlertName; summary: RegExp; from: number; to: number; silenced: AlertName[] }[] = [
  {
    alert: 'ClaudeAPIFailures',
    summary: /^(?<value>\d+(\.\d+)?)% of the calls to Claude \(claude-haiku-4-5\) fail$/,
    from: CONFIG.alerts.ClaudeAPIFailures.above * 100,
    to: 100,
    silenced: ['SlowResponseTime', 'AgentDown', 'CollectorDown'],
  },
  {
    alert: 'AgentDown',
    summary: /^(?<value>\d+) agents are alive$/,
    from: 0,
    to: 0,
    silenced: ['TelemetryStale', 'CollectorDown'],
  },
  {
    alert: 'CollectorDown',
    summary: /^Prometheus cannot reach the collector: up of (otlp|otel-collector) is (?<value>\d+)$/,
    from: 0,
    to: 0,
    silenced: ['AgentDown', 'TelemetryStale'],
  },
];

for (const { alert, summary, from, to, silenced } of DRILLS) {
  test(`${alert}: ${CONDITIONS[alert].does}; the webhook hears firing and resolved`, async (t) => {
    await using dir = await temporaryDir();
    const report = await runDrill(alert, { dir: dir.path, signal: t.signal });
    t.diagnostic(`time to detect ${report.detectS.toFixed(1)} s, to resolve ${report.resolveS.toFixed(1)} s`);
    const { firing, resolved } = report;
    assert.equal(firing.status, 'firing');
    assert.equal(resolved.status, 'resolved');
    for (const told of [firing, resolved]) {
      assert.equal(told.labels.alertname, alert);
      assert.equal(told.labels.severity, 'critical');
      assert.equal(told.labels.service, CONFIG.job);
      const { summary: said = '' } = told.annotations;
      assert.match(said, summary);
      const value = Number(summary.exec(said)?.groups?.value);
      assert.ok(value >= from && value <= to, `${said}: not from ${from} to ${to}`);
      const runbook = `^http://127\\.0\\.0\\.1:\\d+/consoles/runbook\\.html#${alert.toLowerCase()}$`;
      assert.match(told.annotations.runbook_url ?? '', new RegExp(runbook));
      assert.match(told.annotations.dashboard_url ?? '', /^http/);
    }
    const order = report.steps.map(({ step }) => step);
    assert.deepEqual(order, ['healthy', 'on', 'pending', 'firing', 'delivered', 'off', 'inactive', 'resolved']);
    for (const name of silenced) assert.ok(!report.others.includes(name), `${name} was told beside ${alert}`);
  });
}

test('a drill whose alert does not come says so, and ends what it started', async (t) => {
  await using dir = await temporaryDir();
  const { on } = CONDITIONS.RedisDown;
  t.after(() => Object.assign(CONDITIONS.RedisDown, { on }));
  Object.assign(CONDITIONS.RedisDown, { on: async () => async () => {} });
  await assert.rejects(
    runDrill('RedisDown', { dir: dir.path, deadlineS: 1 }),
    /^Error: RedisDown: pending: not within 1 s\. Logs: /,
  );
});

test('every alert has a drill that says what it does', () => {
  assert.deepEqual(Object.keys(CONDITIONS).sort(), [...ALERT_NAMES].sort());
  for (const { does, undoes } of Object.values(CONDITIONS)) assert.ok(does.length > 10 && undoes.length > 5);
});
