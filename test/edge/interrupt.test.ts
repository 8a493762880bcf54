import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, type Client, problemOf, recordEvents, resultOf, startEdge, type TurnScript } from './support.ts';

/** Turns that go on until they are broken off, all at the same time. */
const endless: TurnScript = (session, input, _listener, signal) =>
  new Promise((resolve) => {
    const end = () => resolve(resultOf(session, input, 'go on', 'Well', true));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });

async function say(client: Client): Promise<string> {
  return (await ask(client, 'text', { text: 'go on' })).turn_id as string;
}

test('an interrupt breaks off the turn that it names, and no other', async () => {
  await using edge = await startEdge({ turn: endless });
  const client = edge.client();
  await ask(client, 'session:start', {});
  const events = recordEvents(client);
  const ended = () => events.map(([, payload]) => (payload as { turn_id: string }).turn_id);
  const [first, second, third] = [await say(client), await say(client), await say(client)];
  const interrupt = async (payload: object) => (await ask(client, 'interrupt', payload)).interrupted;
  assert.equal(await interrupt({ turn_id: second }), 1);
  await ask(client, 'session:start', {});
  assert.deepEqual(ended(), [second]);
  assert.equal(await interrupt({ turn_id: second }), 0, 'it is over');
  assert.equal(await interrupt({ turn_id: 'never was' }), 0);
  assert.equal(await interrupt({}), 2);
  await ask(client, 'session:start', {});
  assert.deepEqual(ended(), [second, first, third]);
});

test('a turn can be broken off on its own connection only, and by a name', async () => {
  await using edge = await startEdge({ turn: endless });
  const [mine, other] = [edge.client(), edge.client()];
  for (const client of [mine, other]) await ask(client, 'session:start', { session_id: 'one' });
  const turn_id = await say(mine);
  assert.deepEqual(await ask(other, 'interrupt', { turn_id }), { ok: true, interrupted: 0 });
  for (const malformed of [5, null, '', [turn_id]]) {
    const { kind, message } = problemOf(await ask(mine, 'interrupt', { turn_id: malformed }));
    assert.equal(kind, 'bad_input');
    assert.match(message, /^turn_id /);
  }
  assert.deepEqual(await ask(mine, 'interrupt', { turn_id }), { ok: true, interrupted: 1 });
});
