import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createSqlStore } from '../../src/adapters/sql-store.ts';
import type { Store } from '../../src/conversation/ports.ts';
import type { AppError } from '../../src/errors.ts';
import { seeded } from '../support/random.ts';
import { openStore, remember } from './store-fixtures.ts';

const TEXTS = {
  cpp: 'How do templates work in C++?',
  c: 'Is C older than Python?',
  csharp: 'And C# with .NET?',
  its: "It's about machine-learning, isn't it",
  learning: 'A machine for learning',
  accents: 'Le café est naïf',
  crab: 'Rust has a crab 🦀 as its mascot',
  percent: 'Only 100% or 5_000 will do',
  code: `if (a < b && c > "d") alert('x')`,
  operators: 'this AND that OR NOT those NEAR here',
};

let store: Store;
before(async () => {
  store = await createSqlStore({ url: 'sqlite::memory:' });
  await remember(store, 's1', ...Object.values(TEXTS).map((text): [string] => [text]));
});
after(() => store.close());

const found = async (query: string) => {
  const hits = await store.search(query, 100);
  const names = Object.entries(TEXTS).filter(([, text]) => hits.some((hit) => hit.userText === text));
  return names.map(([name]) => name).sort();
};

const QUERIES: [query: string, expected: (keyof typeof TEXTS)[]][] = [
  ['templates', ['cpp']],
  ['TEMPLATES work?', ['cpp']],
  ['templ', ['cpp']],
  ['templ work', []],
  ['c++', ['cpp']],
  ['C++?', ['cpp']],
  ['(c++)', ['cpp']],
  ['c#', ['csharp']],
  ['.net', ['csharp']],
  ["it's", ['its']],
  ['machine-learning', ['its']],
  ['machine learning', ['its', 'learning']],
  ['learning machine', ['its', 'learning']],
  ['cafe', ['accents']],
  ['CAFÉ naif', ['accents']],
  ['cafe\u0301', ['accents']],
  ['🦀', ['crab']],
  ['rust 🦀', ['crab']],
  ['python 🦀', []],
  ['100%', ['percent']],
  ['%', ['percent']],
  ['_', ['percent']],
  ['5_000', ['percent']],
  ['*', []],
  ['"d"', ['code']],
  ['"d', ['code', 'cpp', 'percent']],
  ['a < b', ['code']],
  ['AND', ['csharp', 'operators']],
  ['that OR NOT those', ['operators']],
  ['NEAR(this that)', []],
  ['user_text:templates', []],
  ['^templates', ['cpp']],
  ['templates*', ['cpp']],
  ['what?', []],
  ['', []],
  ['   ', []],
  ['\0', []],
  ['templates\0', ['cpp']],
  ['\ud83e', []],
  ['templates \udd80', ['cpp']],
  ['\u200b\u202e\ufeff', []],
];
for (const [query, expected] of QUERIES) {
  test(`a search for ${JSON.stringify(query)} finds ${expected.join(' and ') || 'nothing'}`, async () => {
    assert.deepEqual(await found(query), [...expected].sort());
  });
}

const HOSTILE = [
  '"',
  '""',
  '"""',
  "'",
  "'; drop table captures; --",
  '(',
  ')',
  '((',
  '{a b}',
  '-user_text : a',
  'user_text :',
  'a AND',
  'OR',
  'NOT NOT',
  'NEAR(',
  'NEAR("a" "b", 5)',
  'a + b',
  '+',
  '^',
  'a ^ b',
  'a*b*',
  '**',
  ':',
  'a:b:c',
  '\\',
  '\\%',
  '[a-z]+$',
  '?',
  '??',
  ':name @name $1',
  'x'.repeat(10_240),
  'x '.repeat(5_120),
  'x-'.repeat(5_120),
  '"'.repeat(10_240),
  '+'.repeat(10_240),
  '🦀'.repeat(2_560),
  `${'a'.repeat(999)}🦀`,
  Array.from({ length: 2_000 }, (_, i) => `w${i}`).join(' '),
];

async function searchSafely(query: string): Promise<void> {
  try {
    await store.search(query, 20);
  } catch (thrown) {
    assert.fail(`${JSON.stringify(query.slice(0, 200))}: ${(thrown as AppError).cause}`);
  }
}

test('no string makes a search fail: hostile ones, and each beside a word', async () => {
  for (const query of HOSTILE) {
    for (const variant of [query, `${query} templates`, `templates ${query}`]) await searchSafely(variant);
  }
});

test('no string makes a search fail: 2,000 random ones', async () => {
  const random = seeded(20_260_301);
  const pick = <T>(items: ArrayLike<T>) => items[Math.floor(random() * items.length)] as T;
  const signs = '"\'()*^:+-{}[]<>%_\\?#&|~`$€., \t\n\0\u0001\u200d\ud83e\udd80é漢';
  const words = ['AND', 'OR', 'NOT', 'NEAR', 'NEAR(', 'user_text:', 'captures_fts', 'c++', '🦀', 'machine', 'rank'];
  for (let i = 0; i < 2000; i++) {
    const parts = Array.from({ length: Math.floor(random() * 12) }, () => {
      const kind = random();
      if (kind < 0.5) return pick(signs);
      return kind < 0.8 ? pick(words) : String.fromCharCode(Math.floor(random() * 0x10000));
    });
    await searchSafely(parts.join(''));
  }
});

test('snippets mark hits and escape everything else', async () => {
  const [code] = await store.search('alert', 1);
  assert.equal(code?.userSnippet, 'if (a &lt; b &amp;&amp; c &gt; &quot;d&quot;) <mark>alert</mark>(&#39;x&#39;)');
  assert.equal(code?.agentSnippet, 'Good question.');
  const [crab] = await store.search('🦀', 1);
  assert.match(crab?.userSnippet ?? '', /<mark>🦀<\/mark> as its mascot$/);
});

test('stored text cannot forge a mark, and long texts are cut around the hit', async () => {
  await using forging = await openStore('sqlite::memory:');
  const long = 'filler '.repeat(200);
  await remember(forging.store, 's1', [`</mark><script>\u0001\u0002 needle`, `${long}needle 🧵 ${long}`]);
  for (const [query, hit] of [
    ['needle', 'needle'],
    ['🧵', '🧵'],
  ] as const) {
    const [found] = await forging.store.search(query, 1);
    const snippets = `${found?.userSnippet}${found?.agentSnippet}`;
    assert.doesNotMatch(snippets, /<(?!\/?mark>)/);
    assert.equal(snippets.split('<mark>').length, snippets.split('</mark>').length);
    assert.match(found?.agentSnippet ?? '', new RegExp(`^….*<mark>${hit}</mark>.*…$`, 'u'));
    assert.ok((found?.agentSnippet.length ?? 0) < 250);
  }
});

test('the best comes first, the newest among equals, and no more than the limit', async () => {
  await using ranked = await openStore('sqlite::memory:');
  const filler: [string][] = Array.from({ length: 10 }, (_, i) => [`nothing ${i}`]);
  await remember(ranked.store, 's1', ['tea once here'], ['tea tea tea'], ['tea once here'], ...filler);
  assert.deepEqual(
    (await ranked.store.search('tea', 10)).map(({ id }) => id),
    [2, 3, 1],
  );
  assert.deepEqual(
    (await ranked.store.search('tea', 2)).map(({ id }) => id),
    [2, 3],
  );
});
