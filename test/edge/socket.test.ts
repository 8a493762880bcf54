import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, type Cancelled } from '../../src/errors.ts';
import { wav } from './sounds.ts';
import { answered, ask, failing, heard, problemOf, recordEvents, startEdge, waitingTurn } from './support.ts';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('a spoken turn: chunks, transcript, deltas, speech, one reply', async () => {
  await using edge = await startEdge();
  const client = edge.client();
  const events = recordEvents(client);
  const opened = await ask(client, 'session:start', { session_id: 'mine', speak: true, traceparent: TRACE });
  const budget = (spent_usd: number) => ({
    session: { spent_usd, limit_usd: 1 },
    month: { spent_usd: 4.5, limit_usd: null },
  });
  assert.deepEqual(opened, { ok: true, session_id: 'mine', budget: budget(0.0025) });
  const sound = wav(1);
  for (let at = 0; at < sound.length; at += 8000) {
    const chunk = sound.subarray(at, at + 8000);
    assert.deepEqual(await ask(client, 'audio', chunk), { ok: true, bytes: at + chunk.length });
  }
  const replied = heard(client, 'reply');
  const { turn_id } = await ask(client, 'audio:end', { type: 'audio/wav' });
  const reply = await replied;
  assert.deepEqual(events.slice(0, -1), [
    ['transcript', { turn_id, text: 'wav of 1 s' }],
    ['reply:delta', { turn_id, text: 'Good ' }],
    ['reply:delta', { turn_id, text: 'question.' }],
    ['speech', { turn_id, seq: 0, last: false }, Buffer.of(1, 2, 3)],
    ['speech', { turn_id, seq: 1, last: true }, Buffer.alloc(0)],
  ]);
  assert.deepEqual(reply, {
    session_id: 'mine',
    turn_id,
    user_text: 'wav of 1 s',
    agent_text: 'Good question.',
    intent: 'question',
    timestamp: '2025-01-21T12:00:00.000Z',
    interrupted: false,
    cost_usd: 0.00125,
    timings: {
      total_ms: 12,
      first_text_ms: 5,
      first_sound_ms: null,
      stages_ms: { transcribe: 1, context: 2, think: 3, speak: 0, store: 4, other: 2 },
    },
    budget: budget(0.00375),
  });
  const [input] = edge.state.inputs;
  assert.deepEqual([input?.speak, input?.traceparent, input?.turnId], [true, TRACE, turn_id]);
  assert.deepEqual([edge.audio[0]?.format, edge.audio[0]?.bytes], ['wav', sound.length]);
});

test('every event in and out is counted by its name, acknowledgements are not', async () => {
  await using edge = await startEdge();
  const client = edge.client();
  await ask(client, 'session:start', {});
  const replied = heard(client, 'reply');
  await ask(client, 'text', { text: 'hi' });
  await replied;
  await ask(client, 'interrupt');
  await ask(client, 'reply', 'is no event of clients');
  await ask(client, 'session:end', {});
  assert.deepEqual(edge.messages, [
    'received session:start',
    'received text',
    'sent transcript',
    'sent reply:delta',
    'sent reply:delta',
    'sent reply',
    'received interrupt',
    'received reply',
    'received session:end',
  ]);
});

test('connections are counted when they open and when they close', async () => {
  await using edge = await startEdge();
  const client = edge.client();
  await ask(client, 'interrupt');
  assert.deepEqual([edge.sockets, edge.door.open], [{ opened: 1, closed: 0 }, 1]);
  client.disconnect();
  await edge.door.close();
  assert.deepEqual([edge.sockets, edge.door.open], [{ opened: 1, closed: 1 }, 0]);
});

test('a session ends with its summary, and then has to be opened again', async () => {
  await using edge = await startEdge();
  const client = edge.client();
  await ask(client, 'session:start', {});
  const summary = { exchanges: 2, topics: ['tcp'], remember: 'TCP is reliable.', duration_s: 9 };
  assert.deepEqual(await ask(client, 'session:end', {}), { ok: true, summary });
  assert.match(problemOf(await ask(client, 'text', { text: 'hi' })).message, /no session is open: send session:start/);
  assert.match(problemOf(await ask(client, 'session:end')).message, /no session is open/);
});

test('events are taken in order, without waiting for acknowledgements', async () => {
  await using edge = await startEdge();
  const client = edge.client();
  const replied = heard(client, 'reply');
  client.emit('session:start', { session_id: 'mine' }, () => {});
  client.emit('audio', wav(1), () => {});
  client.emit('audio:end', {}, () => {});
  assert.equal((await replied).user_text, 'wav of 1 s');
});

test('interrupt breaks off all turns in flight; nothing but their ends is heard after it', async () => {
  const { script, started } = waitingTurn();
  await using edge = await startEdge({ turn: script });
  const client = edge.client();
  const events = recordEvents(client);
  await ask(client, 'session:start', {});
  const first = await ask(client, 'text', { text: 'go on' });
  const second = await ask(client, 'text', { text: 'and on' });
  await started;
  const ends = new Promise<void>((resolve) => {
    let left = 2;
    client.on('reply', () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
  assert.deepEqual(await ask(client, 'interrupt'), { ok: true, interrupted: 2 });
  await ends;
  assert.deepEqual(await ask(client, 'interrupt', {}), { ok: true, interrupted: 0 });
  const replies = events.slice(-2).map(([event, payload]) => {
    const { turn_id, interrupted } = payload as { turn_id: string; interrupted: boolean };
    return [event, turn_id, interrupted];
  });
  assert.deepEqual(replies, [
    ['reply', first.turn_id, true],
    ['reply', second.turn_id, true],
  ]);
  assert.ok(!JSON.stringify(events).includes('must not be heard'));
});

test('disconnecting breaks turns off', async () => {
  const { script, started, ended } = waitingTurn();
  await using edge = await startEdge({ turn: script });
  const client = edge.client();
  await ask(client, 'session:start', {});
  await ask(client, 'text', { text: 'go on' });
  await started;
  client.disconnect();
  assert.equal(((await ended) as Cancelled).by, 'disconnect');
  await edge.door.drained();
  assert.deepEqual([edge.errors, edge.messages.filter((message) => message === 'sent reply')], [[], []]);
});

test('a turn that fails ends in one problem, and the connection stays', async () => {
  const extra = { turn_id: 'whatever', cost_usd: 0.5 };
  const error = new AppError('timeout', 'claude', 'Claude took too long', { retryAfterS: 3, extra });
  await using edge = await startEdge({ turn: failing(error) });
  const client = edge.client();
  await ask(client, 'session:start', {});
  const failed = heard(client, 'problem');
  const { turn_id } = await ask(client, 'text', { text: 'hi' });
  assert.deepEqual(await failed, {
    turn_id,
    kind: 'timeout',
    message: 'Claude took too long',
    retry_after_s: 3,
    cost_usd: 0.5,
  });
  assert.deepEqual(edge.errors, [error]);
  edge.state.turn = () => Promise.reject(new Error('a secret of the inside'));
  const broken = heard(client, 'problem');
  await ask(client, 'text', { text: 'hi' });
  assert.doesNotMatch(JSON.stringify(await broken), /secret/);
  edge.state.turn = answered;
  const replied = heard(client, 'reply');
  await ask(client, 'text', { text: 'hi' });
  await replied;
});

test('a session’s end that fails is answered too', async () => {
  const end = () => Promise.reject(new AppError('internal', 'database', 'not now'));
  await using edge = await startEdge({ end });
  const client = edge.client();
  await ask(client, 'session:start', {});
  assert.deepEqual(problemOf(await ask(client, 'session:end')), { kind: 'internal', message: 'not now' });
});

test('a trace may come with each turn; one that can’t be read is none', async () => {
  await using edge = await startEdge();
  const client = edge.client();
  await ask(client, 'session:start', { traceparent: 'nonsense' });
  await ask(client, 'text', { text: 'one' });
  await ask(client, 'text', { text: 'two', traceparent: TRACE });
  await edge.door.drained();
  assert.deepEqual(
    edge.state.inputs.map(({ traceparent }) => traceparent),
    [undefined, TRACE],
  );
});

test('turns that wait have a limit', async () => {
  const { script } = waitingTurn();
  await using edge = await startEdge({ turn: script });
  const client = edge.client();
  await ask(client, 'session:start', {});
  for (let n = 0; n < 8; n += 1) assert.equal((await ask(client, 'text', { text: 'hi' })).ok, true);
  const { kind, message } = problemOf(await ask(client, 'text', { text: 'hi' }));
  assert.deepEqual([kind, message], ['rate_limited', '8 turns are waiting already: wait for a reply, or interrupt.']);
});

test('while the agent starts or drains it opens no session and takes no turn', async () => {
  await using edge = await startEdge();
  const client = edge.client();
  await ask(client, 'session:start', {});
  await ask(client, 'audio', wav(1));
  edge.state.ready = false;
  const refused = [
    await ask(client, 'session:start', {}),
    await ask(client, 'audio:end', {}),
    await ask(client, 'text', { text: 'hi' }),
  ].map((answer) => (answer.ok ? 'taken' : problemOf(answer).kind));
  assert.deepEqual(refused, ['provider_unavailable', 'provider_unavailable', 'provider_unavailable']);
});

test('closing lets each turn in flight tell its end, and lets clients reconnect', async () => {
  const { script, started, ended } = waitingTurn();
  await using edge = await startEdge({ turn: script });
  const client = edge.client();
  await ask(client, 'session:start', {});
  await ask(client, 'text', { text: 'go on' });
  await started;
  const replied = heard(client, 'reply');
  const left = new Promise((resolve) => client.once('disconnect', resolve));
  await edge.door.close();
  assert.equal(((await ended) as Cancelled).by, 'shutdown');
  assert.equal((await replied).interrupted, true);
  assert.equal(await left, 'transport close', 'a reason after which clients reconnect by themselves');
});

test('polling works as well', async () => {
  await using edge = await startEdge();
  const client = edge.client(undefined, ['polling']);
  await ask(client, 'session:start', { session_id: 'mine' });
  await ask(client, 'audio', wav(1));
  const replied = heard(client, 'reply');
  await ask(client, 'audio:end', {});
  assert.equal((await replied).user_text, 'wav of 1 s');
});
