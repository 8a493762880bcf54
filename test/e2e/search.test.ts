import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type RunningAgent, startAgent } from '../support/agent.ts';
import { seeded } from '../support/random.ts';

const HOSTILE = [
  'what?',
  'c++',
  "it's",
  '"x',
  'machine-learning',
  '*',
  '🌋',
  '',
  ' ',
  '%',
  '_',
  '\\',
  '\0',
  "'; drop table captures; --",
  'AND',
  'OR',
  'NOT',
  'NEAR(a b)',
  'user_text:x',
  '^a',
  '(((',
  ')',
  '"',
  '""',
  '-',
  '- -',
  'a AND',
  '{a b}',
  '+',
  'a*b*',
  '\u0301',
  '\ud800',
  '<script>alert(1)</script>',
  '<mark>',
  'é'.repeat(500),
  'x '.repeat(900),
  '𝔘𝔫𝔦𝔠𝔬𝔡𝔢',
  'null',
  'undefined',
  '0',
  '\n\r\t',
  '／',
  '‮abc',
];

let agent: RunningAgent;
before(async () => {
  agent = await startAgent({
    env: { OTEL_METRICS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
  });
  for (const text of ['I like c++ & <b>bold</b> claims', "It's machine-learning, what?", 'Volcanoes 🌋 erupt']) {
    await post('/api/conversation', { text });
  }
});
after(() => agent?.[Symbol.asyncDispose]());

const post = (path: string, body: object) =>
  fetch(`${agent.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

type Answer = { query: string; count: number; results: { user_text: string; user_snippet: string }[] };
const search = async (query: string): Promise<Answer> => {
  const response = await post('/api/search', { query });
  assert.equal(response.status, 200, `${JSON.stringify(query)}: ${response.status}`);
  return (await response.json()) as Answer;
};

test('no hostile string fails, and none is answered with raw HTML', async () => {
  for (const query of HOSTILE) {
    const { results, count } = await search(query);
    assert.equal(results.length, count);
    for (const { user_snippet: snippet } of results) {
      assert.doesNotMatch(snippet.replaceAll(/<\/?mark>/g, ''), /[<>]/, `${JSON.stringify(query)} gave ${snippet}`);
    }
  }
});

test('what people look for is found', async () => {
  for (const [query, found] of [
    ['c++', /c\+\+/],
    ["it's", /It's/],
    ['machine-learning', /machine-learning/],
    ['volc', /Volcanoes/],
    ['🌋', /🌋/],
  ] as const) {
    const { results } = await search(query);
    assert.ok(results.length >= 1, query);
    assert.match(String(results[0]?.user_text), found);
  }
  assert.match(String((await search('volcanoes')).results[0]?.user_snippet), /<mark>Volcanoes<\/mark>/);
});

test('2,000 random strings: not one fails', async () => {
  const random = seeded(7);
  const alphabet = [...'abc xyz"\'*()-+:^~&|<>{}[]\\/%_?!.,;#@$=\0\n\t0129éß漢🌋\u0301\ud800'];
  const strings = Array.from({ length: 2000 }, () =>
    Array.from({ length: Math.floor(random() * 30) }, () => alphabet[Math.floor(random() * alphabet.length)]).join(''),
  );
  for (let i = 0; i < strings.length; i += 20) await Promise.all(strings.slice(i, i + 20).map(search));
});
