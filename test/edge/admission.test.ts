import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuth } from '../../src/edge/auth.ts';
import { wav } from './sounds.ts';
import { ask, type Client, heard, problemOf, startEdge } from './support.ts';

const refusal = (client: Client) =>
  new Promise<Error & { data?: { kind: string } }>((resolve) => client.once('connect_error', resolve));

test('a token is known whole or not at all', () => {
  const auth = createAuth(['first', 'second']);
  assert.deepEqual(
    ['first', 'second', 'firs', 'firstx', '', undefined].map((token) => auth.holder(token)),
    ['token-1', 'token-2', undefined, undefined, undefined, undefined],
  );
  assert.equal(createAuth([]).required, false);
});

test('a socket needs its token in the handshake', async () => {
  await using edge = await startEdge({ tokens: ['secret'] });
  for (const token of [undefined, 'wrong', 5, { toString: 'secret' }, ['secret']]) {
    const { message, data } = await refusal(edge.client(token));
    assert.equal(data?.kind, 'unauthorized');
    assert.match(message, /auth: \{ token \}/);
  }
  assert.equal((await ask(edge.client('secret'), 'session:start', {})).ok, true);
  assert.equal(edge.errors.length, 5);
  assert.deepEqual(edge.sockets, { opened: 1, closed: 0 });
});

test('guessing tokens is limited', async () => {
  await using edge = await startEdge({ tokens: ['secret'], perMinute: 2 });
  for (const kind of ['unauthorized', 'unauthorized', 'rate_limited']) {
    assert.equal((await refusal(edge.client('guess'))).data?.kind, kind);
  }
  assert.equal((await ask(edge.client('secret'), 'interrupt')).ok, true, 'who knows the token is no guesser');
});

test('too many events are told how long to wait', async () => {
  await using edge = await startEdge({ perMinute: 3 });
  const client = edge.client();
  await ask(client, 'session:start', {});
  await ask(client, 'interrupt');
  const { kind, retry_after_s } = problemOf(await ask(client, 'interrupt'));
  assert.equal(kind, 'rate_limited');
  assert.ok(Number(retry_after_s) >= 1 && Number(retry_after_s) <= 60);
});

test('too many chunks spoil the recording that they belong to', async () => {
  await using edge = await startEdge({ chunksPerMinute: 2 });
  const client = edge.client();
  await ask(client, 'session:start', {});
  await ask(client, 'audio', wav(1));
  await ask(client, 'audio', wav(1));
  assert.match(problemOf(await ask(client, 'audio', wav(1))).message, /More than 2 chunks of audio in a minute/);
  assert.equal(problemOf(await ask(client, 'audio:end', {})).kind, 'rate_limited');
});

test('connections are limited by client, and a closed one makes room', async () => {
  await using edge = await startEdge({ socketsPerClient: 2 });
  const [first, second] = [edge.client(), edge.client()];
  await ask(first, 'interrupt');
  await ask(second, 'interrupt');
  const { message, data } = await refusal(edge.client());
  assert.equal(data?.kind, 'rate_limited');
  assert.match(message, /2 connections open/);
  const closed = edge.socketClosed();
  first.io.engine.close();
  await closed;
  const third = edge.client();
  assert.equal((await ask(third, 'interrupt')).ok, true);
  assert.equal((await refusal(edge.client())).data?.kind, 'rate_limited', 'room for one only');
});

test('a client that comes and goes on one connection takes up one place', async () => {
  await using edge = await startEdge({ socketsPerClient: 2 });
  const client = edge.client();
  for (let i = 0; i < 20; i++) {
    await ask(client, 'interrupt');
    client.disconnect().connect();
  }
  assert.equal((await ask(client, 'interrupt')).ok, true);
  assert.equal((await ask(edge.client(), 'interrupt')).ok, true);
});

test('altogether no more connections than are allowed', async () => {
  await using edge = await startEdge({ maxSockets: 1 });
  await ask(edge.client(), 'interrupt');
  assert.equal((await refusal(edge.client())).message, 'websocket error');
});

test('without tokens a page of another site may not connect; with them the token decides', async () => {
  const knock = (url: string, origin: string) =>
    fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } }).then(({ status }) => status);
  await using open = await startEdge();
  assert.equal(await knock(open.url, open.url), 200);
  for (const origin of ['http://evil.example', 'null', 'nonsense']) assert.equal(await knock(open.url, origin), 403);
  await using guarded = await startEdge({ tokens: ['secret'] });
  assert.equal(await knock(guarded.url, 'http://elsewhere.example'), 200);
});

test('a reconnecting client resumes its session by its id', async () => {
  await using edge = await startEdge();
  const first = edge.client();
  const { session_id } = await ask(first, 'session:start', {});
  first.disconnect();
  const second = edge.client();
  assert.equal((await ask(second, 'session:start', { session_id })).session_id, session_id);
  const replied = heard(second, 'reply');
  await ask(second, 'text', { text: 'hi' });
  assert.equal((await replied).session_id, session_id);
});
