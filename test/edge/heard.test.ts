import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PerceivedTurn } from '../../src/conversation/watchers.ts';
import { ALLOWANCE_MS, createHearing, RECENT_TURNS } from '../../src/edge/heard.ts';
import { AppError } from '../../src/errors.ts';
import { ask, type Client, heard, problemOf, startEdge, waitingTurn } from './support.ts';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const OTHER = '00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203331-01';

/** A turn from its acknowledgement to its reply. */
async function turnOf(client: Client, payload: object): Promise<string> {
  const replied = heard(client, 'reply');
  await ask(client, 'text', { text: 'hi', ...payload });
  return (await replied).turn_id;
}

test('what was perceived comes back as seen and heard, in one event or in two', async () => {
  await using edge = await startEdge();
  const client = edge.client();
  await ask(client, 'session:start', { speak: true });
  const [one, two] = [await turnOf(client, {}), await turnOf(client, {})];
  const both = { turn_id: one, first_word_ms: 150.5, first_sound_ms: 900 };
  assert.deepEqual(await ask(client, 'heard', both), { ok: true });
  assert.deepEqual(await ask(client, 'heard', { turn_id: two, first_word_ms: 200 }), { ok: true });
  assert.deepEqual(await ask(client, 'heard', { turn_id: two, first_sound_ms: 300 }), { ok: true });
  assert.deepEqual(edge.perceived, [
    ['seen', 0.1505],
    ['heard', 0.9],
    ['seen', 0.2],
    ['heard', 0.3],
  ]);
  assert.deepEqual(edge.clientTurns, [], 'a client without a trace has no span');
});

test('what can’t be read is refused by name, and nothing of it is recorded', async () => {
  await using edge = await startEdge();
  const client = edge.client();
  await ask(client, 'session:start', {});
  const turn_id = await turnOf(client, {});
  const payloads: [object | undefined, RegExp][] = [
    [undefined, /^the payload \(missing\)/],
    [{ first_word_ms: 200 }, /^turn_id \(missing\)/],
    [{ turn_id }, /^the payload \(an object\): give first_word_ms, first_sound_ms or both$/],
    [{ turn_id, first_word_ms: -1 }, /^first_word_ms \(-1\): use milliseconds from 0 to 600000$/],
    [{ turn_id, first_word_ms: '200' }, /^first_word_ms \("200"\): use milliseconds/],
    [{ turn_id, first_word_ms: Number.NaN }, /^first_word_ms \(null\): use milliseconds/],
    [{ turn_id, first_word_ms: 200, first_sound_ms: 1e300 }, /^first_sound_ms \(1e\+300\): use milliseconds/],
    [
      { turn_id, first_word_ms: 200, first_sound_ms: 200 },
      /^first_sound_ms \(200\) came while no sound .* without speak/,
    ],
    [{ turn_id: 'x'.repeat(100), first_word_ms: 200 }, /^turn_id \("x{60}"\) is none of the last 32 turns/],
  ];
  for (const [payload, message] of payloads) {
    const answer = problemOf(await ask(client, 'heard', ...(payload ? [payload] : [])));
    assert.equal(answer.kind, 'bad_input');
    assert.match(answer.message, message);
  }
  assert.deepEqual(edge.perceived, []);
  assert.deepEqual(await ask(client, 'heard', { turn_id, first_word_ms: 200 }), { ok: true });
  const again = problemOf(await ask(client, 'heard', { turn_id, first_word_ms: 200 }));
  assert.match(again.message, /^first_word_ms \(200\) was reported before: report each value once a turn/);
  assert.deepEqual(edge.perceived, [['seen', 0.2]]);
});

test('a turn is known on its own connection only', async () => {
  await using edge = await startEdge();
  const [mine, other] = [edge.client(), edge.client()];
  await ask(mine, 'session:start', { session_id: 'one' });
  await ask(other, 'session:start', { session_id: 'one' });
  const turn_id = await turnOf(mine, {});
  assert.match(problemOf(await ask(other, 'heard', { turn_id, first_word_ms: 200 })).message, /is none of the last/);
  assert.equal((await ask(mine, 'heard', { turn_id, first_word_ms: 200 })).ok, true);
});

test('only a trace that came with the turn is the turn’s own', async () => {
  await using edge = await startEdge();
  const client = edge.client();
  await ask(client, 'session:start', { traceparent: OTHER });
  const [without, own] = [await turnOf(client, {}), await turnOf(client, { traceparent: TRACE })];
  for (const turn_id of [without, own]) await ask(client, 'heard', { turn_id, first_word_ms: 200 });
  assert.deepEqual(
    edge.clientTurns.map(({ turnId, firstWordMs, firstSoundMs }) => [turnId, firstWordMs, firstSoundMs]),
    [[own, 200, undefined]],
  );
});

test('a lost connection tells what is known of the turns that it took along', async () => {
  const { script, started } = waitingTurn();
  await using edge = await startEdge({
    turn(session, input, listener, signal) {
      listener.speech(Uint8Array.of(1), 0, false);
      return script(session, input, listener, signal);
    },
  });
  const client = edge.client();
  await ask(client, 'session:start', { speak: true });
  const { turn_id } = await ask(client, 'text', { text: 'hi', traceparent: TRACE });
  await started;
  await ask(client, 'heard', { turn_id, first_word_ms: 200 });
  assert.equal(edge.clientTurns.length, 0, 'the turn goes on');
  client.disconnect();
  await edge.door.close();
  assert.equal(edge.clientTurns.length, 1);
});

/** The bookkeeping by itself, at times of the test's choosing: a turn was received so many milliseconds ago. */
function listening() {
  const perceived: [string, number][] = [];
  const spans: PerceivedTurn[] = [];
  const hearing = createHearing({
    perceived: (kind, seconds) => void perceived.push([kind, seconds]),
    clientTurn: (turn) => void spans.push(turn),
  });
  const emit = hearing.through(() => {});
  const now = performance.now();
  return {
    hearing,
    perceived,
    spans,
    now,
    begin: (turnId: string, agoMs = 0, traceparent: string | undefined = undefined) =>
      hearing.began({ turnId, receivedAt: now - agoMs, traceparent }),
    word: (turn_id: string) => emit('reply:delta', { turn_id, text: 'Well' }),
    sound: (turn_id: string, bytes = 3) =>
      emit('speech', { turn_id, seq: 0, last: bytes === 0 }, new Uint8Array(bytes)),
    end: (turn_id: string) => emit('problem', { turn_id, kind: 'internal', message: 'over' }),
    report: (turn_id: string, values: { first_word_ms?: number; first_sound_ms?: number }, laterMs = 0) =>
      hearing.report({ turn_id, ...values }, now + laterMs),
  };
}

const refused = (message: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof AppError && thrown.kind === 'bad_input');
  assert.match(thrown.message, message);
  return true;
};

test('a value is held against our own clock: not before it was sent, not from before the speech', () => {
  const { perceived, begin, word, report } = listening();
  begin('a', 5_000);
  assert.throws(() => report('a', { first_word_ms: 6_000 }), refused(/no word of this turn was sent/));
  word('a');
  word('a');
  assert.throws(
    () => report('a', { first_word_ms: 0.7 }),
    refused(
      /^first_word_ms \(0\.7\) is less than the 50\d\d ms after which the first word was sent: count milliseconds/,
    ),
  );
  assert.throws(
    () => report('a', { first_word_ms: 5_900 + ALLOWANCE_MS }),
    refused(/^first_word_ms \(15900\) is over 10000 ms more than the 5\d\d\d ms after which the first word was sent/),
  );
  assert.deepEqual(perceived, []);
  report('a', { first_word_ms: 5_000 + ALLOWANCE_MS });
  assert.deepEqual(perceived, [['seen', 15]]);
});

test('a value is no greater for being told late', () => {
  const { perceived, begin, word, sound, report } = listening();
  begin('a', 1_000);
  word('a');
  sound('a');
  const late = 9 * 60_000;
  assert.throws(() => report('a', { first_word_ms: late }, late), refused(/is over 10000 ms more than the 1\d\d\d ms/));
  assert.throws(
    () => report('a', { first_word_ms: 1_500, first_sound_ms: late }, late),
    refused(/first sound was sent/),
  );
  assert.deepEqual(perceived, []);
  report('a', { first_word_ms: 1_500, first_sound_ms: 1_000 + ALLOWANCE_MS }, late);
  assert.equal(perceived.length, 2);
});

test('the empty end of speech is no sound', () => {
  const { begin, word, sound, report } = listening();
  begin('a');
  word('a');
  sound('a', 0);
  assert.throws(
    () => report('a', { first_word_ms: 500, first_sound_ms: 500 }),
    refused(/no sound of this turn was sent/),
  );
  report('a', { first_word_ms: 500 });
});

test('memory is bounded: the last turns are known, those before are not', () => {
  const { begin, word, report } = listening();
  for (let i = 0; i <= RECENT_TURNS; i++) {
    begin(`${i}`);
    word(`${i}`);
  }
  assert.throws(() => report('0', { first_word_ms: 200 }), refused(/^turn_id \("0"\) is none of the last 32 turns/));
  for (let i = 1; i <= RECENT_TURNS; i++) report(`${i}`, { first_word_ms: 200 });
});

test('the client’s span is told once, when the turn is over and all of it was perceived', () => {
  const { spans, now, begin, word, sound, end, report } = listening();
  begin('a', 1_000, TRACE);
  word('a');
  sound('a');
  report('a', { first_word_ms: 1_400 });
  end('a');
  assert.deepEqual(spans, [], 'its sound is still to be heard');
  report('a', { first_sound_ms: 1_900 });
  const told = { turnId: 'a', startedAt: now - 1_900, firstWordMs: 1_400, firstSoundMs: 1_900 };
  assert.deepEqual(spans, [told], 'the end of speech is the latest that fits all reports');

  begin('b', 1_000, OTHER);
  word('b');
  report('b', { first_word_ms: 950 });
  assert.equal(spans.length, 1, 'not before the turn’s end');
  end('b');
  assert.deepEqual(spans[1], { turnId: 'b', startedAt: now - 1_000, firstWordMs: 950, firstSoundMs: undefined });
});

test('what nobody waits for any more is told without', () => {
  const { hearing, spans, begin, word, sound, end, report } = listening();
  const spoken = (turnId: string, traceparent: string) => {
    begin(turnId, 0, traceparent);
    word(turnId);
    sound(turnId);
    report(turnId, { first_word_ms: 200 });
    end(turnId);
  };
  spoken('a', TRACE);
  assert.deepEqual(
    spans.map(({ turnId }) => turnId),
    [],
  );
  spoken('b', OTHER);
  assert.deepEqual(
    spans.map(({ turnId }) => turnId),
    ['a'],
    'the learner went on',
  );
  report('a', { first_sound_ms: 300 });
  hearing.close();
  hearing.close();
  assert.deepEqual(
    spans.map(({ turnId }) => turnId),
    ['a', 'b'],
    'and left',
  );
});

test('a client that reports nothing, or says one span for two turns, is not spoken for', () => {
  const { hearing, spans, begin, word, end, report } = listening();
  for (const turnId of ['a', 'b', 'c']) {
    begin(turnId, 0, turnId === 'a' ? OTHER : TRACE);
    word(turnId);
    if (turnId !== 'a') report(turnId, { first_word_ms: 200 });
    end(turnId);
  }
  hearing.close();
  assert.deepEqual(
    spans.map(({ turnId }) => turnId),
    ['b'],
  );
});
