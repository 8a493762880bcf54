import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../scripts/stack/ports.ts';
import { startAgent } from '../support/agent.ts';
import { startCollector } from '../support/collector.ts';
import { startLoad } from '../support/load.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { parsePrometheusText, sumOf } from '../support/prometheus-text.ts';
import { startRedis } from '../support/redis.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { waitFor } from '../support/wait.ts';

const OUTAGE_MS = 20_000;

type Health = { status: string; telemetry: { status: string }; dependencies: { redis: { status: string } } };

test('a collector that is away for 20 s under load loses no count, and no turn notices', async () => {
  await using dir = await temporaryDir();
  const where = { ports: await freePorts(), dir: dir.path };
  const collector = await startCollector(where);
  await using prometheus = await startPrometheus(collector);
  await using agent = await startAgent({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, BUDGET_SESSION_USD: '0', BUDGET_MONTH_USD: '0' },
  });
  const load = await startLoad(agent.url, 5);
  await prometheus.waitForValue('count(voice_turns_total > 0)', 1);

  await collector.stop();
  const away = performance.now();
  const answeredBefore = load.answered.length;
  await waitFor('the outage under telemetry', async () =>
    (await agent.json<Health>('/api/health')).telemetry.status === 'unhealthy' ? true : undefined,
  );
  assert.equal(
    (await agent.json<Health>('/api/health')).status,
    'healthy',
    'the agent is not ill because nobody listens',
  );
  await sleep(OUTAGE_MS - (performance.now() - away));
  assert.ok(load.answered.length > answeredBefore + 20, 'turns went on');

  await using again = await startCollector(where);
  await waitFor('the collector to be heard of again', async () =>
    (await agent.json<Health>('/api/health')).telemetry.status === 'healthy' ? true : undefined,
  );
  await load.stop();
  assert.deepEqual([...load.problems], []);
  const turns = sumOf(parsePrometheusText(await agent.metricsText()), 'voice_turns_total', { outcome: 'answered' });
  assert.equal(turns, load.answered.length);
  await prometheus.waitForValue('sum(voice_turns_total{outcome="answered"})', turns);
  await prometheus.waitForValue('sum(websocket_messages_total{message_type="reply"})', turns);
  assert.equal(
    sumOf(parsePrometheusText(await again.metricsText()), 'claude_api_calls_total', { status: 'success' }),
    turns,
  );
});

test('a Redis that goes away is counted and shown, turns go on, and it is used again when it is back', async () => {
  await using dir = await temporaryDir();
  const where = { ports: await freePorts(), dir: dir.path };
  const redis = await startRedis(where);
  await using agent = await startAgent({
    env: {
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      REDIS_URL: redis.url,
    },
  });
  const say = async (text: string) => {
    const body = JSON.stringify({ session_id: 's1', text });
    const response = await fetch(`${agent.url}/api/conversation`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    assert.equal(response.status, 200, await response.clone().text());
  };
  const operations = async (operation: string, status: string) =>
    sumOf(parsePrometheusText(await agent.metricsText()), 'cache_operations_total', { operation, status });
  await say('First about ants');
  await say('Second about bees');
  assert.equal(await operations('get', 'hit'), 1);
  await redis.stop();
  await say('Third about cats');
  assert.equal(await operations('get', 'error'), 1);
  assert.equal(await operations('set', 'error'), 1);
  const response = await fetch(`${agent.url}/api/health`);
  assert.equal(response.status, 503);
  assert.equal(((await response.json()) as Health).dependencies.redis.status, 'unhealthy');
  const errors = sumOf(parsePrometheusText(await agent.metricsText()), 'errors_total', { component: 'cache' });
  assert.equal(errors, 2);

  await using _back = await startRedis(where);
  await waitFor('Redis to be healthy', async () =>
    (await fetch(`${agent.url}/api/health`)).status === 200 ? true : undefined,
  );
  await say('Fourth about dogs');
  await say('Fifth about eels');
  assert.equal(await operations('get', 'hit'), 2);
});
