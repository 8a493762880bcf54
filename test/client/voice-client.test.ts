import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { MAX_AUDIO_BYTES } from '../../src/client/audio.ts';
import { ProblemError } from '../../src/client/problem-error.ts';
import type { Turn, TurnEvent } from '../../src/client/turn.ts';
import { connect } from '../../src/client/voice-client.ts';
import * as protocol from '../../src/edge/protocol.ts';
import { startEdge } from '../edge/support.ts';
import { parsePrometheusText, sumOf } from '../support/prometheus-text.ts';
import { waitFor } from '../support/wait.ts';
import { type Agent, amiable, silence, startAgentWithSandbox, startNetwork, youngMan } from './support.ts';

let agent: Agent;
let spoken: Buffer;
before(async () => {
  spoken = await youngMan;
  agent = await startAgentWithSandbox({ BUDGET_SESSION_USD: '0.005' });
});
after(() => agent?.[Symbol.asyncDispose]());
afterEach(() => agent.sandbox.faults.clear());

async function eventsOf(turn: Turn): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of turn) events.push(event);
  return events;
}
const problem = (kind: string, message: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof ProblemError);
  assert.equal(thrown.kind, kind);
  assert.match(thrown.message, message);
  return true;
};

test('a typed turn: its words, the reply as it comes, the reply', async () => {
  using client = await connect({ url: agent.url });
  const turn = client.say('  What is recursion?  ');
  const events = await eventsOf(turn);
  const reply = await turn.reply;
  assert.deepEqual(events[0], { type: 'transcript', text: 'What is recursion?' });
  assert.deepEqual(events.at(-1), { type: 'reply', reply });
  const deltas = events.filter((event) => event.type === 'delta');
  assert.ok(deltas.length > 3);
  assert.equal(deltas.map(({ text }) => text).join(''), reply.agent_text);
  assert.equal(reply.turn_id, await turn.turnId);
  assert.equal(reply.session_id, client.sessionId);
  assert.deepEqual(await eventsOf(turn), events, 'a later reader sees the same');
});

test('a spoken turn is spoken back, sentence by sentence', async () => {
  using client = await connect({ url: agent.url, speak: true });
  const events = await eventsOf(client.speakAudio(spoken));
  const [transcript] = events;
  assert.ok(transcript?.type === 'transcript' && /young man/.test(transcript.text));
  const sounds = events.filter((event) => event.type === 'speech');
  assert.deepEqual(
    sounds.map(({ seq, last }) => [seq, last]),
    sounds.map((_sound, index) => [index, index === sounds.length - 1]),
  );
  assert.equal(Buffer.from(sounds[0]?.audio ?? []).toString('latin1', 0, 4), 'RIFF');
});

test('audio may come while it is recorded, in pieces of any size', async () => {
  using client = await connect({ url: agent.url });
  async function* recorder() {
    yield spoken.subarray(0, 5);
    yield new Uint8Array();
    yield spoken.subarray(5, 90_000);
    yield spoken.subarray(90_000);
  }
  assert.match((await client.speakAudio(recorder()).reply).user_text, /young man/);
  assert.equal(client.ledger.counters().get('audio_size_bytes_sum{format="wav"}'), spoken.length);
});

test('raw samples need their type', async () => {
  using client = await connect({ url: agent.url });
  const raw = spoken.subarray(44);
  assert.match((await client.speakAudio(raw, { type: 'audio/pcm;rate=16000' }).reply).user_text, /young man/);
  await assert.rejects(client.speakAudio(raw).reply, problem('bad_input', /no known kind/));
});

test('what is said all at once is heard one after the other', async () => {
  using client = await connect({ url: agent.url });
  const turns = [client.speakAudio(spoken), client.say('What is a closure?'), client.speakAudio(await amiable)];
  const heard = (await Promise.all(turns.map((turn) => turn.reply))).map((reply) => reply.user_text);
  assert.match(heard[0] ?? '', /young man/);
  assert.equal(heard[1], 'What is a closure?');
  assert.match(heard[2] ?? '', /have been/);
});

test('a failed turn rejects with what failed, and what it cost; the next one is answered', async () => {
  using client = await connect({ url: agent.url });
  agent.sandbox.faults.set({ messages: { status: 500, times: 1 } });
  const turn = client.speakAudio(spoken);
  const error = await turn.reply.catch((thrown) => thrown);
  assert.ok(error instanceof ProblemError);
  assert.equal(error.kind, 'provider_unavailable');
  assert.equal(error.turnId, await turn.turnId);
  assert.ok(error.costUsd && error.costUsd > 0, 'the transcription was paid for');
  await assert.rejects(eventsOf(turn), error, 'the events end with the same error');
  await client.say('And now?').reply;
});

test('what was perceived is told to the agent, and counted once it was taken', async () => {
  using client = await connect({ url: agent.url, speak: true });
  const { turn_id: turnId, timings } = await client.say('What is recursion?').reply;
  const count = (kind: string) =>
    client.ledger.counters().get(`voice_turn_first_response_seconds_count{kind="${kind}"}`);
  const firstWordMs = timings.total_ms;
  await assert.rejects(
    client.heard(turnId, { firstWordMs, firstSoundMs: 1e6 }),
    problem('bad_input', /^first_sound_ms \(1000000\): use milliseconds/),
  );
  assert.deepEqual([count('seen'), count('heard')], [undefined, undefined]);
  await client.heard(turnId, { firstWordMs });
  await client.heard(turnId, { firstSoundMs: firstWordMs + 1_000 });
  assert.deepEqual([count('seen'), count('heard')], [1, 1]);
  const series = parsePrometheusText(await agent.agent.metricsText());
  for (const kind of ['seen', 'heard'])
    assert.equal(sumOf(series, 'voice_turn_first_response_seconds_count', { kind }), 1);
  assert.equal(sumOf(series, 'voice_turn_first_response_seconds_sum', { kind: 'seen' }), firstWordMs / 1000);
});

test('an interrupted turn ends with what was said of its reply', async () => {
  using client = await connect({ url: agent.url });
  agent.sandbox.faults.set({ messages: { token_delay_ms: 300 } });
  const turn = client.say('What is a monad?');
  let said = '';
  for await (const event of turn) {
    if (event.type !== 'delta' || said !== '') continue;
    said = event.text;
    assert.equal(await client.interrupt(), 1);
  }
  const reply = await turn.reply;
  assert.ok(reply.interrupted);
  assert.ok(reply.agent_text.startsWith(said));
  assert.equal(await client.interrupt(), 0);
});

test('silence, and a budget that is spent, are told apart', async () => {
  using client = await connect({ url: agent.url, speak: true });
  await assert.rejects(client.speakAudio(silence(2)).reply, problem('bad_input', /No words were heard/));
  const spend = async () => {
    for (let turn = 0; turn < 10; turn++) await client.say('Please tell me what a binary tree is.').reply;
  };
  await assert.rejects(spend(), problem('budget_exhausted', /./));
});

test('what can not be sent is not sent', async () => {
  using client = await connect({ url: agent.url });
  assert.equal(MAX_AUDIO_BYTES, protocol.MAX_AUDIO_BYTES);
  const sent = () =>
    client.ledger.counters().get('websocket_messages_total{direction="received",message_type="audio"}');
  const huge = client.speakAudio(new Uint8Array(MAX_AUDIO_BYTES + 1));
  await assert.rejects(huge.reply, problem('bad_input', /26214401 bytes.*25 MiB/));
  await assert.rejects(huge.turnId, ProblemError);
  await assert.rejects(client.speakAudio(new Uint8Array()).reply, problem('bad_input', /empty/));
  assert.equal(sent(), undefined);
});

test('a recorder that breaks leaves nothing behind for the next turn', async () => {
  using client = await connect({ url: agent.url });
  async function* broken() {
    yield spoken.subarray(0, 30_000);
    throw new Error('the microphone was unplugged');
  }
  await assert.rejects(client.speakAudio(broken()).reply, problem('bad_input', /the microphone was unplugged/));
  assert.match((await client.speakAudio(spoken).reply).user_text, /young man/);
});

test('a recording whose end got lost on its way leaves nothing behind for the next turn', async () => {
  await using edge = await startEdge();
  await using network = await startNetwork(edge.url);
  using client = await connect({ url: network.url, ackTimeoutMs: 300 });
  async function* recorder() {
    yield silence(1);
    await waitFor('the sound to arrive', async () => edge.messages.includes('received audio') || undefined);
    void network.lose().then(network.release);
  }
  await assert.rejects(client.speakAudio(recorder()).reply, problem('timeout', /did not acknowledge audio:end/));
  assert.equal((await client.say('hello').reply).user_text, 'hello');
  assert.equal((await client.speakAudio(silence(2)).reply).user_text, 'wav of 2 s');
});

test('audio is sent no faster than the agent takes it', async () => {
  await using network = await startNetwork(agent.url);
  using client = await connect({ url: network.url });
  const chunks = 40;
  const CHUNK = 64 * 1024;
  let pulled = 0;
  async function* recorder() {
    const wav = silence(Math.ceil((chunks * CHUNK) / 32_000)).subarray(0, chunks * CHUNK);
    for (; pulled < chunks; pulled++) {
      if (pulled === 1) network.hold();
      yield wav.subarray(pulled * CHUNK, (pulled + 1) * CHUNK);
    }
  }
  const turn = client.speakAudio(recorder());
  let before = -1;
  await waitFor('no further chunk to be taken', async () => {
    const stable = pulled > 1 && pulled === before;
    before = pulled;
    return stable || undefined;
  });
  assert.ok(pulled <= 6, `${pulled} chunks were taken though none could be acknowledged`);
  network.release();
  await assert.rejects(turn.reply, problem('bad_input', /81\.\d s long, and 60 s are allowed/));
  assert.equal(pulled, chunks);
});

test('the end of a session sums it up, and nothing can be said after it', async () => {
  using client = await connect({ url: agent.url });
  const turn = client.say('I want to understand photosynthesis.');
  const summary = await client.end();
  await turn.reply;
  assert.equal(summary.exchanges, 1);
  assert.ok(summary.topics.join(' ').includes('photosynthesis'));
  await assert.rejects(client.say('One more thing').reply, problem('bad_input', /no session is open/));
});

test('a session is gone on with by its id', async () => {
  using first = await connect({ url: agent.url });
  const { sessionId } = first;
  await first.say('I want to understand photosynthesis.').reply;
  first.close();
  using second = await connect({ url: agent.url, sessionId });
  assert.equal(second.sessionId, sessionId);
  assert.equal((await second.end()).exchanges, 1);
});

test('where no agent is, and where a token is needed, connecting says so', async () => {
  await assert.rejects(
    connect({ url: 'http://127.0.0.1:1' }),
    problem('disconnected', /No agent answers at http:\/\/127.0.0.1:1/),
  );
  await using edge = await startEdge({ tokens: ['secret'] });
  await assert.rejects(connect({ url: edge.url }), problem('unauthorized', /AUTH_TOKENS/));
  using client = await connect({ url: edge.url, token: 'secret' });
  assert.equal((await client.say('hello').reply).user_text, 'hello');
});

test('a closed client rejects what was in flight and what comes after', async () => {
  agent.sandbox.faults.set({ messages: { token_delay_ms: 300 } });
  const client = await connect({ url: agent.url });
  const turn = client.say('What is a monad?');
  await turn.turnId;
  client.close();
  await assert.rejects(turn.reply, problem('disconnected', /before the turn did/));
  await assert.rejects(client.say('hello').reply, problem('disconnected', /is closed/));
  await assert.rejects(client.online(), problem('disconnected', /is closed/));
  assert.equal(client.ledger.openConnections, 0);
  assert.equal(client.ledger.lostTurns, 1);
});
