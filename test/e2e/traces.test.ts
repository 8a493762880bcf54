import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, newTrace, type TurnEvent } from '../../src/client/index.ts';
import { startAgent } from '../support/agent.ts';
import { type RunningCollector, startCollector } from '../support/collector.ts';
import { parsePrometheusText, sumOf } from '../support/prometheus-text.ts';
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
  named('insert captures');
  assert.ok(!JSON.stringify(spans).includes(agent.dir), 'no path of the machine is in a trace');
  for (const patched of ['http', 'knex', 'redis'])
    assert.ok(scopes.has(`@opentelemetry/instrumentation-${patched}`), patched);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  assert.deepEqual(
    spans.filter(({ parentSpanId }) => !ids.has(parentSpanId)),
    [server].map((span) => span),
    'no span is an orphan',
  );
});

test('over Socket.IO too a turn is one trace, and it continues the client’s', async () => {
  await using collector = await startCollector();
  await using agent = await startAgent({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint } });
  using client = await connect({ url: agent.url });
  const mine = await client.say('Tell me about owls', { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` }).reply;
  const own = await client.say('Tell me about bats').reply;
  const spans = await waitFor('both turns', async () => {
    const all = await collectedSpans(collector);
    return all.filter(({ name }) => name === 'voice.turn').length === 2 ? all : undefined;
  });
  const turnOf = (turnId: string) => spans.find((span) => span.attributes['voice.turn.id'] === turnId) as CollectedSpan;
  const continued = turnOf(mine.turn_id);
  assert.deepEqual([continued.traceId, continued.parentSpanId], [TRACE, '00f067aa0ba902b7']);
  for (const turn of [continued, turnOf(own.turn_id)]) {
    const names = spans.filter(({ traceId }) => traceId === turn.traceId).map(({ name }) => name);
    for (const name of ['turn.context', 'turn.think', 'turn.store', 'chat claude-haiku-4-5']) {
      assert.equal(names.filter((other) => other === name).length, 1, `${name} once in the turn's trace`);
    }
  }
  const receive = spans.find(({ spanId }) => spanId === turnOf(own.turn_id).parentSpanId);
  assert.equal(
    receive?.scope,
    '@opentelemetry/instrumentation-socket.io',
    'a turn without a client’s trace belongs to its event',
  );
});

test('a client that tells what was perceived is the root of its turn’s tree', async () => {
  await using collector = await startCollector();
  await using agent = await startAgent({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint } });
  using client = await connect({ url: agent.url, speak: true });
  const { traceparent, traceId } = newTrace();
  const start = performance.now();
  const first: { [type in TurnEvent['type']]?: number } = {};
  const turn = client.say('Tell me about owls', { traceparent });
  for await (const { type } of turn) first[type] ??= performance.now() - start;
  const told = { firstWordMs: first.delta, firstSoundMs: first.speech };
  await client.heard(await turn.turnId, told);
  const spans = await waitFor('the client’s span', async () => {
    const found = (await collectedSpans(collector)).filter((span) => span.traceId === traceId);
    return found.some(({ name }) => name === 'voice.client.turn') ? found : undefined;
  });

  const ids = new Set(spans.map(({ spanId }) => spanId));
  const roots = spans.filter(({ parentSpanId }) => !ids.has(parentSpanId));
  assert.equal(roots.length, 1, 'a tree has one root');
  const root = roots[0] as CollectedSpan;
  const own = spans.find(({ name }) => name === 'voice.turn') as CollectedSpan;
  assert.deepEqual([root.name, root.kind, root.parentSpanId], ['voice.client.turn', 3, '']);
  assert.equal(`00-${root.traceId}-${root.spanId}-01`, traceparent);
  assert.equal(own.parentSpanId, root.spanId);
  assert.ok(spans.some(({ name }) => name === 'chat claude-haiku-4-5'));
  assert.equal(root.scope, own.scope);
  assert.deepEqual(root.attributes, {
    'voice.turn.id': await turn.turnId,
    'gen_ai.conversation.id': client.sessionId,
    'voice.client.first_word_ms': told.firstWordMs,
    'voice.client.first_sound_ms': told.firstSoundMs,
  });
  assert.ok(BigInt(root.startTimeUnixNano) <= BigInt(own.startTimeUnixNano), 'the client was first');
  const tookMs = Number(BigInt(root.endTimeUnixNano) - BigInt(root.startTimeUnixNano)) / 1e6;
  assert.ok(Math.abs(tookMs - (told.firstSoundMs ?? 0)) < 0.01, `${tookMs} ms`);
});

test('a client’s span is not sent where no spans are', async () => {
  await using collector = await startCollector();
  const switches: Record<string, string>[] = [{ OTEL_TRACES_EXPORTER: 'none' }, { OTEL_SDK_DISABLED: 'true' }];
  for (const off of switches) {
    await using agent = await startAgent({
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: '1', ...off },
    });
    using client = await connect({ url: agent.url });
    const { turn_id: turnId } = await client.say('Tell me about owls', newTrace()).reply;
    await client.heard(turnId, { firstWordMs: 1_000 });
    await client.say('And what do they eat?').reply;
    await agent.stop();
  }
  assert.equal(sumOf(parsePrometheusText(await collector.selfText()), 'otelcol_receiver_accepted_spans_total'), 0);
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

test('the words are in the span only when they are asked for', async () => {
  await using collector = await startCollector();
  await using agent = await startAgent({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
    },
  });
  using client = await connect({ url: agent.url });
  const reply = await client.say(`Tell me about ${CANARY}`).reply;
  const chat = await waitFor('the chat span', async () =>
    (await collectedSpans(collector)).find(({ name }) => name.startsWith('chat ')),
  );
  assert.match(String(chat.attributes['gen_ai.input.messages']), new RegExp(CANARY));
  assert.ok(String(chat.attributes['gen_ai.output.messages']).includes(JSON.stringify(reply.agent_text)));
});
