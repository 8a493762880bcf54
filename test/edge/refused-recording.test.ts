import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Conversation } from '../../src/conversation/conversation.ts';
import { createLimits } from '../../src/edge/limits.ts';
import { createTalk } from '../../src/edge/talk.ts';
import type { EdgeWatcher } from '../../src/edge/watcher.ts';
import { Cancelled } from '../../src/errors.ts';
import { wav } from './sounds.ts';
import { ask, heard, problemOf, startEdge } from './support.ts';

const chunk = wav(1);

test('an audio:end that is refused ends its recording all the same', async () => {
  await using edge = await startEdge();
  const client = edge.client();
  await ask(client, 'session:start', {});
  const refusedBy = async (...args: unknown[]) => {
    assert.deepEqual(await ask(client, 'audio', chunk), { ok: true, bytes: chunk.length });
    return problemOf(await ask(client, 'audio:end', ...args)).message;
  };
  assert.match(await refusedBy({ type: 5 }), /^type \(5\)/);
  assert.match(await refusedBy({}, 'surplus'), /takes one payload/);
  assert.match(await refusedBy({ type: 'audio/pcm;rate=1' }, 'surplus'), /takes one payload/);
  edge.state.ready = false;
  assert.match(await refusedBy({}), /takes no turns/);
  edge.state.ready = true;

  const answered = heard(client, 'reply');
  assert.equal((await ask(client, 'text', { text: 'typed' })).ok, true);
  assert.equal((await answered).user_text, 'typed');
  await ask(client, 'audio', wav(2));
  const replied = heard(client, 'reply');
  await ask(client, 'audio:end', {});
  assert.equal((await replied).user_text, 'wav of 2 s');
});

test('one that comes too often does, too', async () => {
  await using edge = await startEdge({ perMinute: 2 });
  const client = edge.client();
  await ask(client, 'session:start', {});
  await ask(client, 'audio', chunk);
  assert.equal(problemOf(await ask(client, 'audio:end', {})).kind, 'rate_limited');
  assert.deepEqual(await ask(client, 'audio', chunk), { ok: true, bytes: chunk.length });
});

/** What one socket says, before a conversation whose opening the test holds back. */
function startTalk() {
  const opening = Promise.withResolvers<void>();
  const conversation = {
    async open() {
      await opening.promise;
      return { id: 'mine', createdAt: new Date(), spentUsd: 0 };
    },
    budget: () => ({ session: { spentUsd: 0, limitUsd: null }, month: { spentUsd: 0, limitUsd: null } }),
  } as unknown as Conversation;
  const watcher = { message() {}, audioReceived() {} } as unknown as EdgeWatcher;
  const limits = createLimits({ perMinute: 10_000, maxAudioS: 60 });
  const deps = { conversation, watcher, limits, reporter: { report() {} }, ready: () => true };
  const talk = createTalk('somebody', deps, () => {});
  const say = (event: string, payload: unknown) =>
    new Promise<Record<string, unknown>>((resolve) => void talk.hear(event, [payload, resolve]));
  return { talk, say, open: opening.resolve };
}

test('one that finds no place to wait ends what was sent before it, and nothing after', async () => {
  const { talk, say, open } = startTalk();
  void say('session:start', {});
  for (let waiting = 2; waiting < 1000; waiting += 1) void say('interrupt', {});
  const before = say('audio', chunk);
  const [refused, again] = [await say('audio:end', {}), await say('audio:end', {})];
  assert.deepEqual(
    [problemOf(refused as never).kind, problemOf(again as never).kind],
    ['rate_limited', 'rate_limited'],
  );
  open();
  assert.deepEqual(await before, { ok: true, bytes: chunk.length });
  await talk.idle();
  assert.deepEqual(await say('audio', chunk), { ok: true, bytes: chunk.length });
  assert.deepEqual(await say('audio', chunk), { ok: true, bytes: 2 * chunk.length });
});

test('one that a shutdown refuses does, too', async () => {
  const { talk, say, open } = startTalk();
  open();
  await say('session:start', {});
  await say('audio', chunk);
  talk.stop(new Cancelled('shutdown'));
  assert.match(problemOf((await say('audio:end', {})) as never).message, /takes no turns/);
  assert.deepEqual(await say('audio', chunk), { ok: true, bytes: chunk.length });
});
