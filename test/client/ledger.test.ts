import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLedger } from '../../src/client/ledger.ts';
import { ProblemError } from '../../src/client/problem-error.ts';
import { createRest } from '../../src/client/rest.ts';
import { connect } from '../../src/client/voice-client.ts';
import { parsePrometheusText, sumOf } from '../support/prometheus-text.ts';
import { waitFor } from '../support/wait.ts';
import { type Agent, silence, startAgentWithSandbox, youngMan } from './support.ts';

let agent: Agent;
before(async () => {
  agent = await startAgentWithSandbox({ BUDGET_SESSION_USD: '0.003' });
});
after(() => agent?.[Symbol.asyncDispose]());

const ledger = createLedger();
const refused = (kind: string) => (thrown: unknown) => thrown instanceof ProblemError && thrown.kind === kind;

test('everything that REST offers', async () => {
  const rest = createRest({ url: agent.url, ledger });
  assert.deepEqual((({ service, providers }) => ({ service, providers }))(await rest.info()), {
    service: 'learning_voice_agent',
    providers: 'sandbox',
  });
  const typed = await rest.conversation({ text: 'What is photosynthesis?' });
  const spoken = await rest.conversation({ audio: await youngMan }, { sessionId: typed.session_id });
  assert.match(spoken.user_text, /young man/);
  const { history } = await rest.history(typed.session_id, { limit: 1 });
  assert.deepEqual(
    history.map(({ user_text: text }) => text),
    [spoken.user_text],
  );
  const { results } = await rest.search('photosynthesis', { limit: 5 });
  assert.equal(results[0]?.user_snippet, 'What is <mark>photosynthesis</mark>?');
  const stats = await rest.stats();
  assert.equal(stats.database.total_captures, 2);
  assert.deepEqual(stats.sessions.ids, [typed.session_id]);
  await rest.forget(typed.session_id);
  await assert.rejects(rest.history(typed.session_id), refused('not_found'));
  await rest.conversation({ text: 'And here I am again.' }, { sessionId: typed.session_id });
});

test('what goes wrong over REST', async () => {
  const rest = createRest({ url: agent.url, ledger });
  await assert.rejects(rest.conversation({ text: '' }), refused('bad_input'));
  await assert.rejects(rest.conversation({ audio: Buffer.from('no sound') }), refused('bad_input'));
  await assert.rejects(rest.conversation({ audio: silence(1) }), refused('bad_input'));
  agent.sandbox.faults.set({ messages: { status: 529, times: 1 } });
  const failure = await rest.conversation({ text: 'hello' }).catch((thrown) => thrown);
  assert.ok(refused('provider_unavailable')(failure));
  assert.match(failure.turnId, /^[0-9a-f-]{36}$/);
  assert.equal(failure.costUsd, 0);
  await assert.rejects(createRest({ url: 'http://127.0.0.1:1' }).stats(), refused('disconnected'));
  await assert.rejects(rest.stats({ signal: AbortSignal.abort(new Error('enough')) }), /^Error: enough$/);
});

test('conversations in which everything happens', async () => {
  using one = await connect({ url: agent.url, ledger, speak: true });
  using two = await connect({ url: agent.url, ledger });
  using three = await connect({ url: agent.url, ledger, speak: true });
  assert.equal(ledger.openConnections, 3);
  await Promise.all([one.speakAudio(await youngMan).reply, two.say('What is a heap?').reply]);
  await assert.rejects(one.say('And what is a stack?').reply, refused('budget_exhausted'));

  agent.sandbox.faults.set({ transcriptions: { status: 500, times: 1 } });
  await assert.rejects(three.speakAudio(await youngMan).reply, refused('provider_unavailable'));
  await assert.rejects(three.speakAudio(silence(1)).reply, refused('bad_input'));
  await assert.rejects(three.speakAudio(Buffer.from('no sound')).reply, refused('bad_input'));
  // It begins like an MP3, so that only the recogniser can tell.
  await assert.rejects(three.speakAudio(Buffer.from('ID3 and nothing else')).reply, refused('bad_input'));

  agent.sandbox.faults.set({ messages: { token_delay_ms: 300, times: 1 } });
  for await (const event of three.say('What is a tree?')) if (event.type === 'delta') await three.interrupt();
  await three.end();
});

test('all of it stands in the agent’s metrics, and nothing else does', async () => {
  const text = await waitFor('the connections to be closed', async () => {
    const metrics = await agent.agent.metricsText();
    return sumOf(parsePrometheusText(metrics), 'websocket_connections_active') === 0 ? metrics : undefined;
  });
  const series = parsePrometheusText(text);
  const known = parsePrometheusText([...ledger.counters()].map(([key, count]) => `${key} ${count}`).join('\n'));
  assert.equal(new Set(known.map(({ name }) => name)).size, 9);
  for (const { name, labels, value } of known) {
    const shown = sumOf(series, name, labels);
    assert.ok(Math.abs(shown - value) < 1e-9, `${name} ${JSON.stringify(labels)}: ${value} here, ${shown} there`);
  }
  for (const name of new Set(known.map((one) => one.name))) {
    assert.ok(Math.abs(sumOf(series, name) - sumOf(known, name)) < 1e-9, `${name} has more there than here`);
  }
  const outcomes = known.filter(({ name }) => name === 'voice_turns_total');
  assert.deepEqual(Object.fromEntries(outcomes.map(({ labels, value }) => [labels.outcome, value])), {
    answered: 5,
    empty: 2,
    failed: 2,
    refused: 2,
    interrupted: 1,
  });
});
