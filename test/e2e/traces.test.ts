import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startAgent } from '../support/agent.ts';
import { type RunningCollector, startCollector } from '../support/collector.ts';
import { recordings } from '../support/recordings.ts';
import { startRedis } from '../support/redis.ts';
import { type CollectedSpan, collectedSpans } from '../support/traces.ts';
import { waitFor } from '../support/wait.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CANARY = 'xylophonequartz';

/** The spans of one trace, once its turn is among them. */
const traceOf = (collector: RunningCollector, traceId: string) =>
  waitFor(`trace ${traceId}`, async () => {
    const spans = (await collectedSpans(collector)).filter((span) => span.traceId === traceId);
    return spans.some(({ name }) => name === 'voice.turn') &&
      spans.some(({ parentSpanId }) => parentSpanId === '00f067aa0ba902b7')
      ? spans
      : undefined;
  });

test('a turn is one trace: the client’s, the request, the turn, its stages, the providers, the databases', async () => {
  await using collector = await startCollector();
  await using redis = await startRedis();
  await using agent = await startAgent({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, REDIS_URL: redis.url },
  });
  const [recording] = await recordings();
  const response = await fetch(`${agent.url}/api/conversation?session_id=s1`, {
    method: 'POST',
    headers: { 'content-type': 'audio/wav', traceparent: `00-${TRACE}-00f067aa0ba902b7-01` },
    body: new Uint8Array(recording.bytes),
  });
  assert.equal(response.status, 200);
  const { turn_id } = (await response.json()) as { turn_id: string };
  const spans = await traceOf(collector, TRACE);

  const named = (name: string): CollectedSpan => {
    const found = spans.filter((span) => span.name === name);
    assert.equal(found.length, 1, `${name} among ${spans.map((span) => span.name).join(', ')}`);
    return found[0] as CollectedSpan;
  };
  const under = (child: CollectedSpan, parent: CollectedSpan) =>
    assert.equal(child.parentSpanId, parent.spanId, `${child.name} under ${parent.name}`);
  const server = named('POST /api/conversation');
  const turn = named('voice.turn');
  assert.equal(server.attributes['http.route'], '/api/conversation');
  under(turn, server);
  assert.equal(turn.attributes['voice.turn.id'], turn_id);
  assert.equal(turn.attributes['voice.turn.outcome'], 'answered');
  for (const stage of ['transcribe', 'context', 'think', 'store']) under(named(`turn.${stage}`), turn);
  const whisper = named('transcription whisper-1');
  const chat = named('chat claude-haiku-4-5');
  under(whisper, named('turn.transcribe'));
  under(chat, named('turn.think'));
  assert.equal(chat.attributes['gen_ai.operation.name'], 'chat');
  assert.equal(chat.attributes['gen_ai.provider.name'], 'anthropic');
  assert.ok(Number(chat.attributes['gen_ai.usage.output_tokens']) > 0);
  const clients = spans.filter(({ scope }) => scope === '@opentelemetry/instrumentation-undici');
  assert.deepEqual(clients.map(({ parentSpanId }) => parentSpanId).sort(), [whisper.spanId, chat.spanId].sort());
  const scopes = new Set(spans.map(({ scope }) => scope));
  for (const patched of ['http', 'knex', 'redis'])
    assert.ok(scopes.has(`@opentelemetry/instrumentation-${patched}`), patched);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  assert.deepEqual(
    spans.filter(({ parentSpanId }) => !ids.has(parentSpanId)),
    [server].map((span) => span),
    'no span is an orphan',
  );
});

test('no word of a learner is in traces, logs or metrics', async () => {
  await using collector = await startCollector();
  await using redis = await startRedis();
  await using agent = await startAgent({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, REDIS_URL: redis.url, LOG_LEVEL: 'trace' },
  });
  const headers = { 'content-type': 'application/json', traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
  const post = (path: string, body: string) => fetch(`${agent.url}${path}`, { method: 'POST', headers, body });
  await post('/api/conversation', JSON.stringify({ text: `My secret is ${CANARY}`, session_id: 's1' }));
  await post('/api/conversation', JSON.stringify({ text: `Again ${CANARY}`, session_id: 's1' }));
  await post('/api/search', JSON.stringify({ query: CANARY }));
  await post('/api/conversation', `{"text": "${CANARY}`);
  await post('/api/conversation', JSON.stringify({ text: 5, note: CANARY }));
  await traceOf(collector, TRACE);
  await agent.stop();
  const logs = await waitFor('the log of the stop', async () => {
    const text = JSON.stringify(await collector.logs());
    return text.includes('"stopping"') ? text : undefined;
  });
  const own = await readFile(join(agent.dir, 'agent.log'), 'utf8');
  const seen = { traces: JSON.stringify(await collector.traces()), logs, metrics: await collector.metricsText(), own };
  for (const [where, text] of Object.entries(seen)) {
    assert.ok(text.length > 100, where);
    assert.ok(!text.includes(CANARY), `the learner's words are in ${where}`);
  }
  assert.match(logs, new RegExp(TRACE), 'logs carry the trace id');
});
