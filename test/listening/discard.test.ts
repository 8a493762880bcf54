import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import {
  createListener,
  FRAME_SAMPLES,
  type Listener,
  type ListenerOptions,
  type Utterance,
} from '../../src/listening/index.ts';

/** A listener to whom a frame is speech or none, and everything that it hears being said. */
function listening(options: Partial<ListenerOptions> = {}) {
  const said: Utterance[] = [];
  const failed = Promise.withResolvers<Error>();
  const listener: Listener = createListener({
    probability: async ([sample]) => sample ?? 0,
    onSpeech: (utterance) => void said.push(utterance),
    onFailed: failed.resolve,
    ...options,
  });
  async function hear(count: number, speech: 0 | 1): Promise<void> {
    for (let n = 0; n < count; n++) listener.hear(new Float32Array(FRAME_SAMPLES).fill(speech));
    await setImmediate();
  }
  return { listener, said, hear, failed: failed.promise };
}

async function chunksOf({ chunks }: Utterance): Promise<number[]> {
  const lengths: number[] = [];
  for await (const chunk of chunks) lengths.push(chunk.length);
  return lengths;
}

test('a discarded utterance fails with the reason, and the rest of it is part of no other', async () => {
  const { listener, said, hear } = listening();
  await hear(10, 1);
  const reason = new Error('taken back');
  listener.discard(reason);
  const [first] = said;
  assert.ok(first);
  await assert.rejects(first.ended, reason);
  await assert.rejects(chunksOf(first), reason);
  for (let word = 0; word < 3; word++) {
    await hear(15, 1);
    await hear(15, 0);
  }
  assert.equal(said.length, 1, 'it goes on, with pauses for breath');
  await hear(10, 0);
  await hear(20, 1);
  await hear(20, 0);
  const second = said[1];
  assert.ok(second);
  assert.equal((await second.ended).by, 'silence');
  assert.equal((await second.ended).audioMs, (10 + 20 + 6) * 32, 'nothing of the first is before it');
});

test('what may be a beginning is discarded too, and what goes on longer than a turn may last', async () => {
  const beginning = listening();
  await beginning.hear(3, 1);
  beginning.listener.discard(new Error('taken back'));
  await beginning.hear(30, 1);
  assert.deepEqual(beginning.said, []);
  const long = listening({ settings: { maxMs: 960 } });
  await long.hear(10, 1);
  long.listener.discard(new Error('taken back'));
  await long.hear(90, 1);
  assert.equal(long.said.length, 1);
});

test('where nobody speaks, discarding changes nothing', async () => {
  const { listener, said, hear } = listening();
  await hear(5, 0);
  listener.discard(new Error('taken back'));
  await hear(10, 1);
  listener.stop();
  assert.equal((await said[0]?.ended)?.by, 'stop');
  listener.discard(new Error('too late'));
  assert.equal((await said[0]?.ended)?.by, 'stop');
});

test('an utterance knows that it goes on with the one before', async () => {
  const { said, hear } = listening({ settings: { maxMs: 960 } });
  await hear(40, 1);
  await hear(30, 0);
  await hear(10, 1);
  assert.deepEqual(
    said.map(({ continues }) => continues),
    [false, true, false],
  );
});

test('a callback that throws ends the listening and says so', async () => {
  const thrown = new Error('no turn can be begun');
  let utterance: Utterance | undefined;
  const { hear, failed } = listening({
    onSpeech(said) {
      utterance = said;
      throw thrown;
    },
  });
  await hear(10, 1);
  const error = await failed;
  assert.match(error.message, /Listening has ended, since what was to follow failed: no turn can be begun/);
  assert.equal(error.cause, thrown);
  assert.ok(utterance);
  await assert.rejects(utterance.ended, error);
});

test('also the one that is told of lost frames', async () => {
  const { hear, failed } = listening({
    onOverrun() {
      throw new Error('nowhere to tell it');
    },
  });
  void hear(200, 0);
  assert.match((await failed).message, /nowhere to tell it/);
});

test('a model that fails after the listening has ended is nobody’s concern', async () => {
  const judging = Promise.withResolvers<number>();
  let failures = 0;
  const { listener, hear } = listening({
    probability: () => judging.promise,
    onFailed: () => void failures++,
  });
  await hear(1, 1);
  listener.stop();
  judging.reject(new Error('out of memory'));
  await setImmediate();
  assert.equal(failures, 0);
});
