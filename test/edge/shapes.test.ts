import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSentenceSplitter } from '../../src/conversation/sentences.ts';
import { summarize } from '../../src/conversation/summary.ts';
import { identifyAudio } from '../../src/edge/audio.ts';
import { startEdge } from './support.ts';

// NOTE: none of these measures speed. Each shape once took minutes or hours, so that its test would not come to an end.
const END = { timeout: 120_000 };

test('base64 that is nothing but padding is refused', END, async () => {
  await using edge = await startEdge();
  const body = JSON.stringify({ audio_base64: `${'='.repeat(1_000_000)}x` });
  const headers = { 'content-type': 'application/json' };
  assert.equal((await fetch(`${edge.url}/api/conversation`, { method: 'POST', headers, body })).status, 422);
});

test('a compressed body is refused, since nobody knows how large it would become', async () => {
  await using edge = await startEdge();
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const response = await fetch(`${edge.url}/api/conversation`, { method: 'POST', headers, body: 'x' });
  assert.equal(response.status, 415);
});

test('megabytes that only begin like an MP3 are looked at for a moment', END, async () => {
  const junk = new Uint8Array(20 * 1024 * 1024).fill(0xff);
  junk.set([0xff, 0xfb, 0x90, 0xc4]);
  const speech = await identifyAudio(junk, { contentType: 'audio/mpeg', maxSeconds: 60, component: 'http' }).catch(
    () => undefined,
  );
  assert.ok(speech === undefined || speech.format === 'mp3');
});

test('odd texts are split and summed up like any other', END, () => {
  for (const text of [
    '1. '.repeat(2600),
    `a${'\n'.repeat(8000)}b`,
    'Is it. '.repeat(1200),
    '- \n'.repeat(2600),
    '.'.repeat(8000),
  ]) {
    const splitter = createSentenceSplitter();
    const pieces: string[] = [];
    for (let at = 0; at < text.length; at += 4) pieces.push(...splitter.push(text.slice(at, at + 4)));
    assert.equal([...pieces, ...splitter.flush()].join(''), text);
    summarize(Array.from({ length: 200 }, () => ({ userText: text, agentText: text })));
  }
});
