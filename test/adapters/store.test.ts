import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { migrate } from '../../src/adapters/migrations.ts';
import { databaseError, openDatabase } from '../../src/adapters/sql-database.ts';
import { createSqlStore } from '../../src/adapters/sql-store.ts';
import { AppError } from '../../src/errors.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { COSTS, capture, checkIndex, fileStore, NOW, openStore, remember, sql } from './store-fixtures.ts';

const UNAVAILABLE = { name: 'AppError', kind: 'provider_unavailable', component: 'database', status: 503 };
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

test('a turn is stored whole and read back as it was', async () => {
  await using kit = await fileStore();
  await kit.store.openSession('s1', NOW);
  const given = capture('s1', { userText: 'Was heißt „naïve“? 🦀', timestamp: later(5) });
  const saved = await kit.store.saveTurn(given, COSTS);
  assert.deepEqual(saved, { id: 1, ...given });
  assert.deepEqual(await kit.store.history('s1', 20), [saved]);
  assert.deepEqual(await kit.store.session('s1'), {
    id: 's1',
    createdAt: NOW,
    lastActivity: later(5),
    endedAt: null,
    exchangeCount: 1,
    status: 'active',
  });
  const costs = await sql(kit.file, 'select session_id, turn_id, timestamp, provider, model, units, usd from costs');
  const { turnId } = given.metadata;
  assert.deepEqual(
    costs,
    COSTS.map(({ units, ...cost }) => ({
      session_id: 's1',
      turn_id: turnId,
      timestamp: later(5).toISOString(),
      ...cost,
      units: JSON.stringify(units),
    })),
  );
});

test('a turn is stored whole or not at all', async () => {
  await using kit = await fileStore();
  await kit.store.openSession('s1', NOW);
  const first = capture('s1');
  await kit.store.saveTurn(first, COSTS);
  const spent = await kit.store.spentUsd({});
  await assert.rejects(kit.store.saveTurn(first, COSTS), { kind: 'internal', component: 'database' });
  assert.equal((await kit.store.session('s1'))?.exchangeCount, 1);
  assert.equal(await kit.store.spentUsd({}), spent);
  await assert.rejects(kit.store.saveTurn(capture('nobody'), COSTS), { kind: 'not_found', component: 'database' });
  assert.equal(await kit.store.spentUsd({}), spent);
});

test('history is the newest turns, oldest first', async () => {
  await using kit = await fileStore();
  await remember(kit.store, 's1', ['one'], ['two'], ['three']);
  await remember(kit.store, 's2', ['elsewhere']);
  const texts = async (limit: number) => (await kit.store.history('s1', limit)).map(({ userText }) => userText);
  assert.deepEqual(await texts(2), ['two', 'three']);
  assert.deepEqual(await texts(20), ['one', 'two', 'three']);
  assert.deepEqual(await kit.store.history('nobody', 20), []);
});

test('sessions open, end once, expire, and open again', async () => {
  await using kit = await fileStore();
  assert.equal(await kit.store.session('s1'), undefined);
  assert.equal((await kit.store.openSession('s1', NOW)).created, true);
  await kit.store.closeSession('s1', 'expired', later(200));
  await kit.store.closeSession('s1', 'ended', later(300));
  const closed = await kit.store.session('s1');
  assert.deepEqual([closed?.status, closed?.endedAt], ['expired', later(200)]);
  const again = await kit.store.openSession('s1', later(400));
  assert.equal(again.created, false);
  const expected = { createdAt: NOW, lastActivity: later(400), endedAt: null, status: 'active' };
  assert.partialDeepStrictEqual(again.session, expected);
});

test('stats count captures and the sessions that have any', async () => {
  await using kit = await fileStore();
  assert.deepEqual(await kit.store.stats(), { totalCaptures: 0, uniqueSessions: 0, lastCapture: null });
  await remember(kit.store, 's1', ['one'], ['two']);
  await kit.store.openSession('silent', NOW);
  await kit.store.openSession('s2', NOW);
  await kit.store.saveTurn(capture('s2', { timestamp: later(60) }), []);
  assert.deepEqual(await kit.store.stats(), { totalCaptures: 3, uniqueSessions: 2, lastCapture: later(60) });
});

test('costs add up to 1e-9 USD, by session and since a moment', async () => {
  await using kit = await fileStore();
  await kit.store.openSession('s1', NOW);
  await kit.store.openSession('s2', NOW);
  const call = (usd: number | null) => ({ provider: 'openai' as const, model: 'm', units: {}, usd });
  for (let i = 0; i < 200; i++) await kit.store.saveTurn(capture('s1', { timestamp: later(i) }), [call(0.000_1)]);
  await kit.store.saveCosts('failed', 's2', later(1000), [call(3e-7), call(null)]);
  const near = (actual: number, expected: number) =>
    assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} ≠ ${expected}`);
  near(await kit.store.spentUsd({}), 0.020_000_3);
  near(await kit.store.spentUsd({ sessionId: 's1' }), 0.02);
  near(await kit.store.spentUsd({ sessionId: 's2' }), 3e-7);
  near(await kit.store.spentUsd({ since: later(100) }), 0.010_000_3);
  near(await kit.store.spentUsd({ since: later(100), sessionId: 's1' }), 0.01);
  near(await kit.store.spentUsd({ sessionId: 'nobody' }), 0);
});

test("what is forgotten is gone from the file, the index and the WAL; its cost stays and is nobody's", async () => {
  await using kit = await fileStore();
  const filler = Array.from({ length: 300 }, (_, i): [string, string] => [`word${i} common`, `answer${i} common`]);
  await remember(kit.store, 'other', ...filler);
  await kit.store.openSession('s1', NOW);
  // Rare words, enough of them to fill pages of the index: their beginnings become signposts between its pages.
  for (let i = 0; i < 120; i++) {
    const words = Array.from({ length: 40 }, (_, j) => `canary${(i * 7919 + j * 104_729) % 1_000_003}`).join(' ');
    await kit.store.saveTurn(capture('s1', { userText: `${words} common`, agentText: words }), COSTS);
    if (i % 10 === 0) await remember(kit.store, 'other', [`between ${i} common`]);
  }
  const spent = await kit.store.spentUsd({});
  const filesWith = (word: string) =>
    readdirSync(dirname(kit.file)).filter((name) => readFileSync(join(dirname(kit.file), name)).includes(word));
  assert.notDeepEqual(filesWith('canary'), []);

  assert.equal(await kit.store.forget('s1'), true);
  assert.deepEqual(filesWith('canary'), []);
  assert.deepEqual(await kit.store.history('s1', 20), []);
  assert.deepEqual(await kit.store.search('canary', 20), []);
  assert.equal(await kit.store.session('s1'), undefined);
  assert.equal((await kit.store.search('common', 1000)).length, 312);
  await checkIndex(kit.file);
  assert.equal(await kit.store.spentUsd({}), spent);
  assert.equal(await kit.store.spentUsd({ sessionId: 's1' }), 0);

  assert.equal(await kit.store.forget('s1'), false);
  await kit.store.saveCosts('late', 's1', NOW, COSTS);
  assert.deepEqual(await sql(kit.file, `select count(*) as n from costs where session_id = 's1'`), [{ n: 0 }]);
  await assert.rejects(kit.store.saveTurn(capture('s1'), []), { kind: 'not_found' });
});

test('many turns at once are all stored, beside readers and a second process', async () => {
  await using kit = await fileStore();
  await using second = await openStore(kit.url);
  const sessions = Array.from({ length: 20 }, (_, i) => `s${i}`);
  const work = sessions.flatMap((id, index) => {
    const { store } = index % 2 ? kit : second;
    return [
      store
        .openSession(id, NOW)
        .then(() => Promise.all(Array.from({ length: 10 }, () => store.saveTurn(capture(id), COSTS)))),
      store.search('recursion', 5),
      store.stats(),
      store.spentUsd({ sessionId: id }),
    ];
  });
  await Promise.race(work);
  assert.ok(kit.store.activeConnections() > 0, 'connections are given out');
  await Promise.all(work);
  assert.equal(kit.store.activeConnections(), 0);
  assert.equal((await kit.store.stats()).totalCaptures, 200);
  for (const id of sessions) assert.equal((await second.store.session(id))?.exchangeCount, 10);
  await checkIndex(kit.file);
});

test('an in-memory store lasts as long as it is open', async () => {
  await using kit = await openStore('sqlite::memory:');
  await remember(kit.store, 's1', ['one']);
  assert.equal((await kit.store.search('one', 5)).length, 1);
});

test('a database that cannot be written or read says so, and how to cure it', async () => {
  await using dir = await temporaryDir();
  const file = join(dir.path, 'agent.db');
  const url = `sqlite:${file}`;

  await assert.rejects(createSqlStore({ url: `sqlite:${dir.path}` }), { ...UNAVAILABLE, message: /cannot be opened/ });
  copyFileSync(import.meta.filename, file);
  await assert.rejects(createSqlStore({ url }), { ...UNAVAILABLE, message: /is no SQLite database/ });
  await assert.rejects(createSqlStore({ url: `${url}/below/agent.db` }), {
    ...UNAVAILABLE,
    message: /file where its folder/,
  });
  await assert.rejects(createSqlStore({ url: 'postgres://me:secret@host/db' }), (error: AppError) => {
    assert.match(error.message, /"postgres".*DATABASE_URL=sqlite:/);
    assert.doesNotMatch(error.message, /secret/);
    return error instanceof AppError;
  });
});

test('a read-only database says so', async () => {
  await using dir = await temporaryDir();
  const file = join(dir.path, 'agent.db');
  await (await createSqlStore({ url: `sqlite:${file}` })).close();
  chmodSync(file, 0o444);
  chmodSync(dir.path, 0o555);
  // Root may write anything; nobody may not.
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.('nobody');
  try {
    await assert.rejects(createSqlStore({ url: `sqlite:${file}` }), { ...UNAVAILABLE, message: /is read-only/ });
  } finally {
    if (root) process.seteuid?.(0);
  }
});

test('a full disk says so, and rows go in again when there is room', async () => {
  await using dir = await temporaryDir();
  const database = openDatabase(`sqlite:${join(dir.path, 'agent.db')}`);
  await using _closing = { [Symbol.asyncDispose]: database.close };
  await migrate(database.write);
  await database.write.raw('pragma max_page_count = 60');
  const insert = async (session_id: string) => {
    await database.write('sessions').insert({ session_id, created_at: '', last_activity: '' });
  };
  const tooLong = insert('x'.repeat(1_000_000)).catch((thrown) => Promise.reject(databaseError(thrown)));
  await assert.rejects(tooLong, { ...UNAVAILABLE, message: /has no room left on its disk/ });
  await insert('s1');
  assert.equal((await database.read('sessions')).length, 1);
});

test("no learner's word is in the error of a statement that failed", async () => {
  await using kit = await fileStore();
  await kit.store.openSession('s1', NOW);
  const first = capture('s1', { userText: 'canary' });
  await kit.store.saveTurn(first, []);
  await assert.rejects(kit.store.saveTurn(first, []), (error: AppError) => {
    assert.doesNotMatch(`${error.message} ${(error.cause as Error).message} ${(error.cause as Error).stack}`, /canary/);
    return true;
  });
});

test("the folder that it makes is for the agent's eyes only", async () => {
  await using kit = await fileStore();
  assert.equal(statSync(dirname(kit.file)).mode & 0o777, 0o700);
});
