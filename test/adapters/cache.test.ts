import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createClient } from 'redis';
import { createMemoryCache } from '../../src/adapters/memory-cache.ts';
import { createRedisCache } from '../../src/adapters/redis-cache.ts';
import type { CachedContext, ContextCache } from '../../src/conversation/ports.ts';
import { createLogger } from '../../src/log.ts';
import { startRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait.ts';

const CONTEXT: CachedContext = {
  exchangeCount: 7,
  exchanges: [
    { userText: 'Was heißt „naïve“? 🦀', agentText: 'Arglos.' },
    { userText: 'Thanks', agentText: 'Gladly. What next?' },
  ],
};
const NOTHING: CachedContext = { exchangeCount: 0, exchanges: [] };
const UNAVAILABLE = { name: 'AppError', kind: 'provider_unavailable', component: 'cache', status: 503 };

/** What every cache must do, whatever keeps it. */
function behaves(name: string, create: (ttlS: number) => Promise<ContextCache>): void {
  describe(name, () => {
    let cache: ContextCache;
    before(async () => {
      cache = await create(1800);
    });
    after(() => cache.close());

    test('gives back what was set, by session', async () => {
      assert.equal(await cache.get('nobody'), undefined);
      await cache.set('s1', CONTEXT);
      await cache.set('s2', NOTHING);
      assert.deepEqual(await cache.get('s1'), CONTEXT);
      assert.deepEqual(await cache.get('s2'), NOTHING);
    });

    test('keeps the last of several', async () => {
      await Promise.all([
        cache.set('s3', NOTHING),
        cache.set('s3', { ...CONTEXT, exchangeCount: 6 }),
        cache.set('s3', CONTEXT),
      ]);
      assert.deepEqual(await cache.get('s3'), CONTEXT);
    });

    test('hands out copies', async () => {
      const mine = structuredClone(CONTEXT);
      await cache.set('s4', mine);
      mine.exchanges.pop();
      (await cache.get('s4'))?.exchanges.pop();
      assert.deepEqual(await cache.get('s4'), CONTEXT);
    });

    test('deletes, also what is not there', async () => {
      await cache.set('s5', CONTEXT);
      await cache.delete('s5');
      await cache.delete('nobody');
      assert.equal(await cache.get('s5'), undefined);
    });

    test('answers a ping', () => cache.ping());

    test('forgets after its time, even what is read again and again', async () => {
      const short = await create(1);
      await short.set('s6', CONTEXT);
      assert.deepEqual(await short.get('s6'), CONTEXT);
      await waitFor(
        'the context is gone',
        async () => ((await short.get('s6')) === undefined ? true : undefined),
        5000,
      );
      await short.close();
    });
  });
}

const redis = await startRedis();
after(() => redis[Symbol.asyncDispose]());

behaves('in memory', (ttlS) => createMemoryCache({ ttlS, maxSessions: 100 }));
behaves('in redis', (ttlS) => createRedisCache({ url: redis.url, ttlS }));

test('memory is bounded: the session that was used least recently makes room', async () => {
  const cache = await createMemoryCache({ ttlS: 1800, maxSessions: 2 });
  await cache.set('s1', CONTEXT);
  await cache.set('s2', CONTEXT);
  await cache.get('s1');
  await cache.set('s3', CONTEXT);
  const kept = await Promise.all(['s1', 's2', 's3'].map(async (id) => (await cache.get(id)) !== undefined));
  assert.deepEqual(kept, [true, false, true]);
});

test('redis holds one key for each session, with its time to live', async () => {
  await using kit = await redisKit();
  await kit.cache.set('s7', CONTEXT);
  assert.deepEqual(JSON.parse((await kit.client.get('lva:context:s7')) ?? ''), CONTEXT);
  const ttl = await kit.client.ttl('lva:context:s7');
  assert.ok(ttl > 1790 && ttl <= 1800, `${ttl} s`);
});

test('a value that cannot be read is a miss, and is deleted', async () => {
  await using kit = await redisKit();
  for (const value of [
    '',
    '{',
    'null',
    '{"exchanges":[]}',
    '[{"userText":"a"}]',
    '{"exchangeCount":1,"exchanges":[1]}',
  ]) {
    await kit.client.set('lva:context:s8', value);
    assert.equal(await kit.cache.get('s8'), undefined, value);
    assert.equal(await kit.client.exists('lva:context:s8'), 0, value);
  }
  await kit.client.lPush('lva:context:s8', 'a list');
  assert.equal(await kit.cache.get('s8'), undefined);
  assert.equal(await kit.client.exists('lva:context:s8'), 0);
});

test('without redis it starts, fails each call at once, says so once, and is back with redis', async () => {
  const gone = await startRedis();
  const lines: string[] = [];
  const log = createLogger({ level: 'info', version: 'test' }, { write: (line) => lines.push(JSON.parse(line).msg) });
  await gone.stop();
  const cache = await createRedisCache({ url: gone.url, ttlS: 1800, log });
  for (const call of [cache.get('s1'), cache.set('s1', CONTEXT), cache.delete('s1'), cache.ping()]) {
    await assert.rejects(call, UNAVAILABLE);
  }
  await using back = await startRedis({ ports: gone.ports, dir: gone.dir });
  await waitFor('redis is used again', () => cache.ping().then(() => true), 10_000);
  await cache.set('s1', CONTEXT);
  assert.deepEqual(await cache.get('s1'), CONTEXT);
  assert.deepEqual(lines, ['redis is down; reconnecting', 'redis is back']);

  await back.stop();
  await assert.rejects(cache.get('s1'), UNAVAILABLE);
  await cache.close();
  await gone[Symbol.asyncDispose]();
});

test('a redis that hangs fails a call in a moment, and is used again when it answers', async () => {
  await using hanging = await startRedis();
  const cache = await createRedisCache({ url: hanging.url, ttlS: 1800 });
  await cache.set('s1', CONTEXT);
  process.kill(hanging.pid, 'SIGSTOP');
  try {
    await assert.rejects(cache.get('s1'), { ...UNAVAILABLE, message: /does not answer in time/ });
    await assert.rejects(cache.get('s1'), { ...UNAVAILABLE, message: /does not answer in time/ });
  } finally {
    process.kill(hanging.pid, 'SIGCONT');
  }
  await waitFor('redis is used again', () => cache.ping().then(() => true), 10_000);
  assert.deepEqual(await cache.get('s1'), CONTEXT);
  await cache.close();
});

test('an address that is none is refused at start', async () => {
  await assert.rejects(createRedisCache({ url: 'http://host', ttlS: 1 }), {
    component: 'cache',
    message: /redis:\/\//,
  });
});

async function redisKit() {
  const cache = await createRedisCache({ url: redis.url, ttlS: 1800 });
  const client = await createClient({ url: redis.url }).connect();
  return {
    cache,
    client,
    [Symbol.asyncDispose]: async () => {
      await cache.close();
      client.destroy();
    },
  };
}
