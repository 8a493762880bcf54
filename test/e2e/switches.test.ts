import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAgent } from '../support/agent.ts';

test('with the SDK switched off the agent answers as ever, and says that there is nothing to see', async () => {
  await using agent = await startAgent({ env: { OTEL_SDK_DISABLED: 'true' } });
  const body = JSON.stringify({ text: 'What is a closure?' });
  const headers = { 'content-type': 'application/json' };
  assert.equal((await fetch(`${agent.url}/api/conversation`, { method: 'POST', headers, body })).status, 200);
  assert.equal(await agent.metricsText(), '# no registered metrics');
  const report = await agent.json<{ turns: { total: number }; costs: { month_usd: number } }>('/api/metrics');
  assert.equal(report.turns.total, 0);
  assert.ok(report.costs.month_usd > 0, 'the budget does not depend on it');
  const health = await agent.json<{ telemetry: { status: string } }>('/api/health');
  assert.equal(health.telemetry.status, 'off');
});

test('two signals stop it once, and nothing that was acknowledged is lost', async () => {
  await using agent = await startAgent({
    env: { OTEL_METRICS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
  });
  process.kill(agent.pid, 'SIGINT');
  process.kill(agent.pid, 'SIGINT');
  assert.ok(await agent.stop(10_000));
  assert.equal(agent.log(50).match(/"msg":"stopping"/g)?.length, 1);
  assert.doesNotMatch(agent.log(50), /could not be closed|left behind/);
});
