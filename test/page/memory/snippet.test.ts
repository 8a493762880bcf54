import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../../../src/client/index.ts';
import { segments } from '../../../src/page/memory/snippet.ts';
import { ago, countOf, trouble } from '../../../src/page/memory/words.ts';

test('a snippet comes apart into plain and marked words', () => {
  const plain = (text: string) => ({ text, marked: false });
  const marked = (text: string) => ({ text, marked: true });
  const table: [string, ReturnType<typeof segments>][] = [
    ['', []],
    ['nothing', [plain('nothing')]],
    ['<mark>all</mark>', [marked('all')]],
    ['…a <mark>b</mark> c <mark>d</mark>…', [plain('…a '), marked('b'), plain(' c '), marked('d'), plain('…')]],
    ['<mark>a</mark><mark>b</mark>', [marked('a'), marked('b')]],
    ['a\nb', [plain('a\nb')]],
  ];
  for (const [snippet, expected] of table) assert.deepEqual(segments(snippet), expected, snippet);
});

test('what the learner said stays text, whatever it looks like', () => {
  const table: [string, string][] = [
    ['&lt;b&gt;', '<b>'],
    ['&lt;mark&gt;mine&lt;/mark&gt;', '<mark>mine</mark>'],
    ['&amp;amp; &amp;lt;b&amp;gt; &amp;#39;', '&amp; &lt;b&gt; &#39;'],
    ['&quot;it&#39;s&quot; R&amp;D', `"it's" R&D`],
    ['&lt;img src=x onerror=alert(1)&gt;', '<img src=x onerror=alert(1)>'],
    // Nothing that the agent writes; even so nothing is made of it.
    ['<b>x</b> <MARK> &nbsp; &', '<b>x</b> <MARK> &nbsp; &'],
  ];
  for (const [snippet, text] of table) assert.deepEqual(segments(snippet), [{ text, marked: false }]);
  assert.deepEqual(segments('&lt;<mark>b&amp;</mark>&gt;'), [
    { text: '<', marked: false },
    { text: 'b&', marked: true },
    { text: '>', marked: false },
  ]);
});

test('how long ago is told in whole units', () => {
  const now = new Date('2026-03-01T12:00:00Z');
  const table: [string, string][] = [
    ['2026-03-01T12:00:05Z', 'just now'],
    ['2026-03-01T11:59:01Z', 'just now'],
    ['2026-03-01T11:59:00Z', '1 minute ago'],
    ['2026-03-01T09:01:00Z', '2 hours ago'],
    ['2026-02-28T11:00:00Z', '1 day ago'],
    ['2026-01-01T12:00:00Z', '1 month ago'],
    ['2024-02-28T12:00:00Z', '2 years ago'],
  ];
  for (const [then, told] of table) assert.equal(ago(new Date(then), now), told);
  assert.deepEqual(
    [0, 1, 2400].map((count) => countOf(count, 'exchange')),
    ['0 exchanges', '1 exchange', '2,400 exchanges'],
  );
});

test('every failure is told in plain words with its cure', () => {
  const told = (kind: ProblemError['kind']) => trouble(new ProblemError(kind, 'Slow down: ask again in 3 s.'));
  assert.equal(told('disconnected'), 'The agent can’t be reached; is it running? Try again.');
  assert.match(told('unauthorized'), /needs an access token.*reload the page to enter it/);
  assert.match(told('not_found'), /session is gone/);
  assert.equal(told('rate_limited'), 'Slow down: ask again in 3 s.');
  assert.match(trouble(new TypeError('x is not a function')), /x is not a function.*reload/);
});
