import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSqlStore } from '../../src/adapters/sql-store.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { startAgent } from '../support/agent.ts';
import { startCollector } from '../support/collector.ts';
import { startLoad } from '../support/load.ts';
import { parsePrometheusText, sumOf } from '../support/prometheus-text.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { waitFor } from '../support/wait.ts';

const LIMIT_MS = 10_000;

for (const collectorIs of ['up', 'down'] as const) {
  test(`SIGTERM under load, the collector ${collectorIs}: what was acknowledged is stored and counted, within 10 s`, async () => {
    await using dir = await temporaryDir();
    await using collector = await startCollector();
    const sandbox = await startSandbox({ faults: { messages: { token_delay_ms: 10 } } });
    await using agent = await startAgent({
      dir: dir.path,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        SANDBOX_URL: `http://127.0.0.1:${sandbox.port}`,
        // Slow enough that only the last push can bring the last turns.
        OTEL_METRIC_EXPORT_INTERVAL: '60000',
        BUDGET_SESSION_USD: '0',
        BUDGET_MONTH_USD: '0',
      },
    });
    const load = await startLoad(agent.url, 10);
    await waitFor('some turns', async () => (load.answered.length > 30 ? true : undefined));
    if (collectorIs === 'down') await collector.stop();

    const willing = await agent.stop(LIMIT_MS);
    assert.ok(willing, `the agent did not stop within ${LIMIT_MS} ms:\n${agent.log()}`);
    await load.stop();
    await sandbox.stop();

    const store = await createSqlStore({ url: `sqlite:${dir.path}/data/agent.db` });
    const sessions = await Promise.all((await storedSessions(store)).map((id) => store.history(id, 10_000)));
    const stored = new Set(sessions.flat().map(({ metadata }) => metadata.turnId));
    const spent = await store.spentUsd({});
    await store.close();
    assert.deepEqual(
      load.answered.filter((turnId) => !stored.has(turnId)),
      [],
      'every answer is stored',
    );
    if (collectorIs === 'down') return;
    const series = parsePrometheusText(await collector.metricsText());
    const told = sumOf(series, 'voice_turns_total', { outcome: 'answered' });
    assert.ok(told >= load.answered.length, `${told} counted, ${load.answered.length} acknowledged`);
    assert.equal(sumOf(series, 'conversation_exchanges_total'), stored.size, 'what is stored is counted');
    assert.ok(Math.abs(sumOf(series, 'api_cost_total') - spent) < 1e-9);
    assert.equal(sumOf(series, 'websocket_connections_active'), 0);
    assert.equal(sumOf(series, 'websocket_connection_duration_seconds_count'), 10);
    const uptimes = series.filter(({ name }) => name === 'process_uptime_seconds').map(({ value }) => value);
    assert.deepEqual(uptimes, [0], 'its last word says that it was stopped');
  });
}

type Store = Awaited<ReturnType<typeof createSqlStore>>;

/** Ids of all sessions with captures. NOTE: every turn of the load says "rivers". */
async function storedSessions(store: Store): Promise<string[]> {
  const hits = await store.search('rivers', 100_000);
  return [...new Set(hits.map(({ sessionId }) => sessionId))];
}
