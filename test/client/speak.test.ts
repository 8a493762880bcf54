import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { createRest } from '../../src/client/rest.ts';
import type { Turn } from '../../src/client/turn.ts';
import { connect } from '../../src/client/voice-client.ts';
import { type Agent, startAgentWithSandbox, startNetwork, youngMan } from './support.ts';

let agent: Agent;
before(async () => {
  agent = await startAgentWithSandbox({ BUDGET_SESSION_USD: '0.5', BUDGET_MONTH_USD: '0' });
});
after(() => agent?.[Symbol.asyncDispose]());
afterEach(() => agent.sandbox.faults.clear());

/** Whether a turn's reply was spoken. */
async function spoken(turn: Turn): Promise<boolean> {
  let sounds = 0;
  for await (const event of turn) if (event.type === 'speech' && event.audio.length > 0) sounds += 1;
  return sounds > 0;
}

test('the voice is switched on and off between turns, in the same session', async () => {
  using client = await connect({ url: agent.url });
  const { sessionId } = client;
  assert.equal(await spoken(client.say('What is recursion?')), false);
  await client.setSpeak(true);
  assert.equal(await spoken(client.say('And what is a closure?')), true);
  await client.setSpeak(false);
  assert.equal(await spoken(client.say('What is a functor?')), false);
  assert.equal(client.sessionId, sessionId);
  assert.equal((await client.end()).exchanges, 3);
});

test('a recording that is being sent when the voice is switched keeps all that was said', async () => {
  using client = await connect({ url: agent.url });
  const recording = await youngMan;
  let switched: Promise<void> | undefined;
  async function* recorder() {
    yield recording.subarray(0, 32_000);
    switched = client.setSpeak(true);
    yield recording.subarray(32_000);
  }
  const turn = client.speakAudio(recorder());
  assert.match((await turn.reply).user_text, /young man/);
  await switched;
  assert.equal(await spoken(client.say('Say more.')), true);
});

test('the switch outlives the connection, also when it is turned while there is none', async () => {
  await using network = await startNetwork(agent.url);
  let offline = Promise.withResolvers<unknown>();
  let online = Promise.withResolvers<void>();
  using client = await connect({
    url: network.url,
    onOffline: (problem) => offline.resolve(problem),
    onOnline: () => online.resolve(),
  });
  const cut = async (meanwhile: () => Promise<void>) => {
    [offline, online] = [Promise.withResolvers(), Promise.withResolvers()];
    network.cut();
    await offline.promise;
    await meanwhile();
    await online.promise;
  };
  await client.setSpeak(true);
  await cut(async () => {});
  assert.equal(await spoken(client.say('What is recursion?')), true);
  await cut(async () => {
    assert.equal(client.connected, false);
    await client.setSpeak(false);
  });
  assert.equal(await spoken(client.say('And what is a closure?')), false);
});

test('a switch that the connection takes with it is told by the next one', async () => {
  await using network = await startNetwork(agent.url);
  const online = Promise.withResolvers<void>();
  using client = await connect({ url: network.url, onOnline: online.resolve });
  network.hold();
  const switched = client.setSpeak(true);
  // It is on its way; nothing comes back before the end.
  await new Promise(setImmediate);
  network.cut();
  await switched;
  network.release();
  await online.promise;
  assert.equal(await spoken(client.say('What is recursion?')), true);
});

test('the budget is known from the first moment, and each reply has its own cost in it', async () => {
  using client = await connect({ url: agent.url });
  assert.deepEqual(client.budget.session, { spent_usd: 0, limit_usd: 0.5 });
  assert.equal(client.budget.month.limit_usd, null);
  const before = client.budget.month.spent_usd;
  const reply = await client.say('What is recursion?').reply;
  assert.deepEqual(client.budget, reply.budget);
  assert.equal(client.budget.session.spent_usd, reply.cost_usd);
  assert.ok(Math.abs(client.budget.month.spent_usd - before - reply.cost_usd) < 1e-9);

  const { sessionId } = client;
  const rest = createRest({ url: agent.url });
  const { budget, cost_usd: more } = await rest.conversation({ text: 'And what is a closure?' }, { sessionId });
  assert.ok(Math.abs(budget.session.spent_usd - reply.cost_usd - more) < 1e-9);
  assert.deepEqual(client.budget, reply.budget, 'the latest that this client was told');
  using second = await connect({ url: agent.url, sessionId });
  assert.deepEqual(second.budget, budget);
});
