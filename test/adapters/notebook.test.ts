import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createSqlStore } from '../../src/adapters/sql-store.ts';
import type { DatedCapture, Store } from '../../src/conversation/ports.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { capture, fileStore, NOW, sql } from './store-fixtures.ts';

const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

/** Opens a session at a moment and stores one capture for each text. */
async function told(store: Store, sessionId: string, seconds: number, ...texts: string[]): Promise<void> {
  await store.openSession(sessionId, later(seconds));
  for (const [index, userText] of texts.entries()) {
    await store.saveTurn(capture(sessionId, { userText, timestamp: later(seconds + index) }), []);
  }
}

/** All captures, read in pages of a size. */
async function readAll(store: Store, size: number, sessionId?: string): Promise<DatedCapture[]> {
  const all: DatedCapture[] = [];
  for (;;) {
    const page = await store.captures(size, { sessionId, after: all.at(-1) });
    all.push(...page);
    if (page.length < size) return all;
  }
}

test('sessions come with their latest activity first, and with how they began; one in which nothing was said is none', async () => {
  await using kit = await fileStore();
  await told(kit.store, 'old', 0, 'one', 'two');
  await told(kit.store, 'silent', 50);
  await told(kit.store, 'new', 100, 'three');
  await kit.store.closeSession('silent', 'ended', later(60));
  await kit.store.saveTurn(capture('old', { userText: 'four', timestamp: later(200) }), []);
  assert.deepEqual(await kit.store.sessions(20), [
    {
      id: 'old',
      createdAt: NOW,
      lastActivity: later(200),
      endedAt: null,
      exchangeCount: 3,
      status: 'active',
      firstWords: 'one',
    },
    {
      id: 'new',
      createdAt: later(100),
      lastActivity: later(100),
      endedAt: null,
      exchangeCount: 1,
      status: 'active',
      firstWords: 'three',
    },
  ]);
  assert.deepEqual(
    (await kit.store.sessions(1)).map(({ id }) => id),
    ['old'],
  );
});

test('first words are at most 80 characters, and no sign is cut in two', async () => {
  await using kit = await fileStore();
  const family = '👩‍👩‍👧‍👦';
  const cases = [
    ['a'.repeat(80), 'a'.repeat(80)],
    ['a'.repeat(81), 'a'.repeat(80)],
    ['🦀'.repeat(60), '🦀'.repeat(40)],
    [`a${'🦀'.repeat(60)}`, `a${'🦀'.repeat(39)}`],
    [`${'a'.repeat(75)}${family}`, 'a'.repeat(75)],
    [`${'a'.repeat(79)}e\u0301`, 'a'.repeat(79)],
    [`e${'\u0301'.repeat(200)}`, `e${'\u0301'.repeat(79)}`],
    ['two\nlines', 'two\nlines'],
  ] as const;
  for (const [index, [text]] of cases.entries()) await told(kit.store, `s${index}`, -index, text);
  const found = (await kit.store.sessions(20)).map(({ firstWords }) => firstWords);
  assert.deepEqual(
    found,
    cases.map(([, words]) => words),
  );
});

test('captures are read in pages of any size: sessions as they began, exchanges as they came', async () => {
  await using kit = await fileStore();
  await told(kit.store, 'b-second', 100, 'four', 'five');
  await told(kit.store, 'z-first', 0, 'one', 'two');
  await told(kit.store, 'silent', 50);
  await told(kit.store, 'a-third', 100.5, 'seven');
  await told(kit.store, 'c-second', 100, 'also seven');
  await kit.store.saveTurn(capture('b-second', { userText: 'six', timestamp: later(102) }), []);
  // A session that is taken up again stays where it began.
  await kit.store.openSession('z-first', later(500));
  await kit.store.saveTurn(capture('z-first', { userText: 'three', timestamp: later(500) }), []);
  const expected = ['one', 'two', 'three', 'four', 'five', 'six', 'also seven', 'seven'];
  for (const size of [1, 2, 3, 4, 8, 100]) {
    const all = await readAll(kit.store, size);
    assert.deepEqual(
      all.map(({ userText }) => userText),
      expected,
      `pages of ${size}`,
    );
    const second = await readAll(kit.store, size, 'b-second');
    assert.deepEqual(
      second.map(({ userText }) => userText),
      ['four', 'five', 'six'],
      `one session in pages of ${size}`,
    );
  }
  const [first] = await readAll(kit.store, 100);
  assert.deepEqual(first && { ...first, metadata: undefined }, {
    ...capture('z-first', { userText: 'one' }),
    id: 3,
    metadata: undefined,
    sessionCreatedAt: NOW,
  });
  assert.deepEqual(await kit.store.captures(10, { sessionId: 'nobody' }), []);
});

test('what is forgotten between two pages is in neither, and the rest goes on', async () => {
  await using kit = await fileStore();
  await told(kit.store, 's1', 0, 'one', 'two', 'three');
  await told(kit.store, 's2', 100, 'four');
  const [after] = await kit.store.captures(1, {});
  await kit.store.forget('s1');
  const rest = async () => (await kit.store.captures(10, { after })).map(({ userText }) => userText);
  assert.deepEqual(await rest(), ['four']);
  await told(kit.store, 's1', 200, 'five');
  assert.deepEqual(await rest(), ['four', 'five'], 'one that begins anew under its id comes once');
});

test('lists and pages are read from indexes: no table is scanned, and no list of sessions sorted', async () => {
  await using dir = await temporaryDir();
  const file = join(dir.path, 'agent.db');
  const seen: { operation: string; table: string }[] = [];
  const store = await createSqlStore({ url: `sqlite:${file}`, onQuery: (query) => seen.push(query) });
  await told(store, 's1', 0, 'one', 'two');
  const after = (await store.captures(1, {}))[0] as DatedCapture;
  seen.length = 0;
  await store.sessions(20);
  await store.captures(20, { after });
  await store.close();
  assert.deepEqual(
    seen.map(({ operation, table }) => `${operation} ${table}`),
    ['select sessions', 'select captures', 'select captures'],
  );
  const plans = [
    `select sessions.* from sessions left join captures
     on captures.id = (select min(id) from captures where session_id = sessions.session_id)
     order by sessions.last_activity desc, sessions.session_id desc limit 20`,
    `select captures.*, sessions.created_at from captures join sessions on sessions.session_id = captures.session_id
     where (sessions.created_at, sessions.session_id) > ('2026', 's')
     order by sessions.created_at, sessions.session_id, captures.id limit 20`,
    `select captures.*, sessions.created_at from captures join sessions on sessions.session_id = captures.session_id
     where captures.session_id = 's1' and captures.id > 1 order by captures.id limit 20`,
  ];
  for (const statement of plans) {
    const steps = (await sql<{ detail: string }>(file, `explain query plan ${statement}`)).map(({ detail }) => detail);
    // The exchanges of one session may be put in order; its sessions are.
    const wrong = steps.filter((step) => /TEMP B-TREE FOR ORDER BY|^SCAN (?!.*USING (COVERING )?INDEX)/.test(step));
    assert.deepEqual(wrong, [], steps.join('\n'));
  }
});
