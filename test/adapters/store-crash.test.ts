import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { createSqlStore } from '../../src/adapters/sql-store.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { COSTS, checkIndex, openStore, remember, sql } from './store-fixtures.ts';

/** Runs a program until it has printed so many lines, then kill -9. Resolves with all lines that it printed. */
async function linesUntilKilled(args: string[], lines: number): Promise<string[]> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (printed.split('\n').length > lines) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  assert.equal(child.signalCode, 'SIGKILL');
  return printed.split('\n').slice(0, -1);
}

test('every acknowledged turn survives kill -9, once, with its costs, its count and its index row', async () => {
  await using dir = await temporaryDir();
  const file = join(dir.path, 'agent.db');
  const url = `sqlite:${file}`;
  const acknowledged: string[] = [];
  for (const lines of [1, 60, 200]) {
    acknowledged.push(...(await linesUntilKilled([join(import.meta.dirname, 'store-crash.child.ts'), url], lines)));
  }
  await using kit = await openStore(url);
  const { store } = kit;
  const stored = (await store.history('s1', 10_000)).map(({ metadata }) => metadata.turnId);
  assert.equal(new Set(stored).size, stored.length, 'none is stored twice');
  assert.deepEqual(
    acknowledged.filter((id) => !stored.includes(id)),
    [],
  );
  assert.equal((await store.session('s1'))?.exchangeCount, stored.length);
  assert.equal((await store.search('recursion', 10_000)).length, stored.length);
  assert.deepEqual(await sql(file, 'select count(*) as n from costs'), [{ n: stored.length * COSTS.length }]);
  await checkIndex(file);
});

test('an index row follows its capture when another program changes or deletes it', async () => {
  await using dir = await temporaryDir();
  const file = join(dir.path, 'agent.db');
  await using kit = await openStore(`sqlite:${file}`);
  const { store } = kit;
  await remember(store, 's1', ['apples', 'and pears'], ['plums'], ['cherries']);
  const ids = async (word: string) => (await store.search(word, 10)).map(({ id }) => id);

  await sql(file, `update captures set user_text = 'oranges' where id = 1`);
  await sql(file, 'update captures set id = 30 where id = 3');
  await sql(file, 'delete from captures where id = 2');
  assert.deepEqual(await ids('apples'), []);
  assert.deepEqual(await ids('plums'), []);
  assert.deepEqual([await ids('oranges'), await ids('pears'), await ids('cherries')], [[1], [1], [30]]);
  await checkIndex(file);
});

test('migrations are repeated without harm, run once by four that start together, and not blocked by a lock left behind', async () => {
  await using dir = await temporaryDir();
  const file = join(dir.path, 'agent.db');
  const url = `sqlite:${file}`;
  const program = `const { createSqlStore } = await import(process.argv[1]); await (await createSqlStore({ url: process.argv[2] })).close();`;
  const start = async () => {
    const args = [
      '--input-type=module-typescript',
      '-e',
      program,
      join(import.meta.dirname, '../../src/adapters/sql-store.ts'),
      url,
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    return (await once(child, 'exit'))[0];
  };
  assert.deepEqual(await Promise.all(Array.from({ length: 4 }, start)), [0, 0, 0, 0]);

  const store = await createSqlStore({ url });
  await remember(store, 's1', ['one']);
  await store.close();
  await sql(file, 'update migrations_lock set is_locked = 1');
  await (await createSqlStore({ url })).close();
  assert.deepEqual(await sql(file, 'select name from migrations order by id'), [
    { name: '001_tables' },
    { name: '002_search_index' },
    { name: '003_session_indexes' },
  ]);
  assert.deepEqual(await sql(file, 'select user_text from captures'), [{ user_text: 'one' }]);
});
