import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { ProblemError } from '../../src/client/problem-error.ts';
import { createRest } from '../../src/client/rest.ts';
import { connect } from '../../src/client/voice-client.ts';
import { startAgent } from '../support/agent.ts';
import { type Agent, startAgentWithSandbox, startNetwork, youngMan } from './support.ts';

let agent: Agent;
before(async () => {
  agent = await startAgentWithSandbox();
});
after(() => agent?.[Symbol.asyncDispose]());
afterEach(() => agent.sandbox.faults.clear());

const disconnected = (thrown: unknown) => thrown instanceof ProblemError && thrown.kind === 'disconnected';

/** A client, and promises of its next times offline and online. */
async function connectWatched(url: string) {
  const offline = Promise.withResolvers<ProblemError>();
  const online = Promise.withResolvers<void>();
  const client = await connect({ url, onOffline: offline.resolve, onOnline: online.resolve });
  return { client, offline: offline.promise, online: online.promise };
}

test('a cut connection settles what was in flight, sends nothing late, and goes on with the session', async () => {
  await using network = await startNetwork(agent.url);
  const { client, offline, online } = await connectWatched(network.url);
  using _ = client;
  const { sessionId } = client;
  await client.say('I want to understand photosynthesis.').reply;

  agent.sandbox.faults.set({ messages: { token_delay_ms: 300, times: 1 } });
  const inFlight = client.say('What is a monad?');
  const waiting = client.say('And a functor?');
  await waiting.turnId;
  network.cut();
  await assert.rejects(inFlight.reply, disconnected);
  await assert.rejects(waiting.reply, disconnected);
  assert.ok(disconnected(await offline));
  assert.equal(client.connected, false);

  const late = client.say('This was said into the void.');
  await assert.rejects(late.reply, /Not connected to .* wait until the connection is back/);
  await assert.rejects(late.turnId, disconnected);
  await assert.rejects(client.interrupt(), disconnected);

  await online;
  await client.online();
  assert.equal(client.sessionId, sessionId);
  await client.say('Where were we?').reply;
  const { history } = await createRest({ url: agent.url }).history(sessionId);
  const kept = history.map(({ user_text: text }) => text).filter((text) => text !== 'What is a monad?');
  assert.deepEqual(kept, ['I want to understand photosynthesis.', 'Where were we?']);
  assert.equal(client.ledger.lostTurns, 2);
  assert.equal(client.ledger.openConnections, 1);
  assert.equal(client.ledger.counters().get('sessions_total'), 1);
});

test('a recording that the cut broke is not gone on with over the new connection', async () => {
  await using network = await startNetwork(agent.url);
  const { client, online } = await connectWatched(network.url);
  using _ = client;
  const spoken = await youngMan;
  async function* recorder() {
    yield spoken.subarray(0, 32_000);
    network.cut();
    await online;
    for (let at = 32_000; at < spoken.length; at += 3200) yield spoken.subarray(at, at + 3200);
  }
  await assert.rejects(client.speakAudio(recorder()).reply, disconnected);
  const sent = client.ledger.counters().get('websocket_messages_total{direction="received",message_type="audio"}');
  assert.equal(sent, 1);
  assert.match((await client.speakAudio(spoken).reply).user_text, /young man/);
});

test('an acknowledgement that never comes settles the turn too', async () => {
  await using network = await startNetwork(agent.url);
  const { client } = await connectWatched(network.url);
  using _ = client;
  network.hold();
  const turn = client.say('Does anybody hear me?');
  // The words are on their way; nothing comes back before the end.
  await new Promise(setImmediate);
  network.cut();
  await assert.rejects(turn.turnId, disconnected);
  await assert.rejects(turn.reply, disconnected);
});

test('an agent that is started anew finds its client and session again', async () => {
  const sandbox = { SANDBOX_URL: agent.sandbox.anthropicBaseUrl };
  await using first = await startAgent({ env: sandbox });
  const { client, offline, online } = await connectWatched(first.url);
  using _ = client;
  await client.say('I want to understand photosynthesis.').reply;
  await first.stop();
  assert.ok(disconnected(await offline));
  await using second = await startAgent({ env: sandbox, ports: first.ports, dir: first.dir });
  await online;
  assert.equal(second.url, first.url);
  assert.equal((await client.end()).exchanges, 1);
});
