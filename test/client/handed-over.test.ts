import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect, ProblemError } from '../../src/client/index.ts';
import { prepare } from '../../src/client/talk/says.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { type Agent, silence, startAgentWithSandbox, startNetwork, youngMan } from './support.ts';

let agent: Agent;
before(async () => {
  agent = await startAgentWithSandbox();
});
after(() => agent?.[Symbol.asyncDispose]());

test('words are handed over when they are sent, whether or not they arrive', async () => {
  await using network = await startNetwork(agent.url);
  using client = await connect({ url: network.url });
  network.hold();
  const turn = client.say('What is a closure?');
  await turn.handedOver;
  network.release();
  await turn.reply;
});

test('a recording is handed over with its last chunk, not before, and not only when that is acknowledged', async () => {
  await using network = await startNetwork(agent.url);
  using client = await connect({ url: network.url });
  const recording = await youngMan;
  let said = false;
  async function* recorder() {
    yield recording.subarray(0, 32_000);
    await new Promise(setImmediate);
    network.hold();
    said = true;
    yield recording.subarray(32_000);
  }
  const turn = client.speakAudio(recorder());
  let acknowledged = false;
  const accepted = turn.turnId.then(() => {
    acknowledged = true;
  });
  await turn.handedOver;
  assert.deepEqual({ said, acknowledged }, { said: true, acknowledged: false });
  network.release();
  await accepted;
  await turn.reply;
});

test('what is never sent is never handed over, and fails as its turn does', async () => {
  const client = await connect({ url: agent.url });
  async function* broken() {
    yield (await youngMan).subarray(0, 30_000);
    throw new Error('the microphone was unplugged');
  }
  const turn = client.speakAudio(broken());
  const problem = await turn.reply.catch((thrown) => thrown);
  assert.ok(problem instanceof ProblemError);
  await assert.rejects(turn.handedOver, problem);
  client.close();
  await assert.rejects(client.say('hello').handedOver, { kind: 'disconnected' });
  // Nobody looks at this one, and nothing may come of that.
  await assert.rejects(client.say('hello').reply, { kind: 'disconnected' });
});

test('what is refused was handed over all the same', async () => {
  using client = await connect({ url: agent.url });
  const turn = client.say(' ');
  await turn.handedOver;
  await assert.rejects(turn.reply, { kind: 'bad_input' });
});

test('for the command line a recording has been said when all of it is sent', async () => {
  await using dir = await temporaryDir();
  const file = join(dir.path, 'long.wav');
  await writeFile(file, silence(20));
  const says = await prepare({ file }, { leaving: new AbortController().signal, note: assert.fail });
  await using network = await startNetwork(agent.url);
  using client = await connect({ url: network.url });
  network.hold();
  let released = false;
  for await (const { turn, endOfSpeech } of says(client)) {
    const ended = endOfSpeech.then((at) => ({ at, released }));
    for (let round = 0; round < 20; round++) await new Promise(setImmediate);
    released = true;
    const releasedAt = performance.now();
    network.release();
    const { at, released: sending } = await ended;
    assert.ok(sending && at >= releasedAt, 'its upload was not counted as waiting');
    await assert.rejects(turn.reply, { kind: 'bad_input' });
  }
});
