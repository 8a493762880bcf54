import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from '../../src/client/index.ts';
import { resultOf, startEdge } from '../edge/support.ts';

test('one turn is broken off by its id, also when that comes only later', async () => {
  await using edge = await startEdge({
    async turn(session, input, _listener, signal) {
      if (!signal.aborted) await once(signal, 'abort');
      return resultOf(session, input, 'go on', 'Well', true);
    },
  });
  using client = await connect({ url: edge.url });
  const [first, second, third] = [client.say('One'), client.say('Two'), client.say('Three')];
  assert.equal(await second.turnId.then((id) => client.interrupt(id)), 1);
  assert.equal((await second.reply).turn_id, await second.turnId);
  assert.equal(await client.interrupt(await second.turnId), 0, 'it is over');
  assert.equal(await client.interrupt(await first.turnId), 1);
  await first.reply;
  await third.turnId;
  assert.equal(await client.interrupt(), 1);
  await third.reply;
});
