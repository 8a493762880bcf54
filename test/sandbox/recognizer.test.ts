import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createRecognizer, type Recognizer } from '../../src/sandbox/recognizer.ts';
import { findTools } from '../../src/sandbox/tools.ts';
import { decodeWav } from '../../src/sandbox/wav.ts';
import { recordings, wavFile, withSandbox } from './support.ts';

const never = new AbortController().signal;
const [sample] = recordings();
const pcm = decodeWav(sample?.wav ?? Buffer.alloc(0))?.samples ?? new Int16Array();

/** The processes that a process started, from Linux's own list. */
function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return list.split(' ').filter(Boolean).map(Number);
}

function start(
  t: { after(done: () => Promise<void>): void },
  options: { workers?: number; maxWaiting?: number } = {},
): Recognizer {
  const recognizer = createRecognizer({ python: findTools().python, ...options });
  t.after(() => recognizer.close());
  return recognizer;
}

test('several workers and turns at once give the same text as one after the other', async (t) => {
  const recognizer = start(t, { workers: 2 });
  const texts = await Promise.all([pcm, pcm, pcm].map((samples) => recognizer.recognize(samples, never)));
  assert.equal(new Set(texts.map(({ text }) => text)).size, 1);
});

test('a turn that is given up in the queue or in the middle rejects at once, and the next is heard', async (t) => {
  const recognizer = start(t);
  await recognizer.ready();
  const [former] = childrenOf(process.pid);
  const [running, waiting] = [new AbortController(), new AbortController()];
  const first = recognizer.recognize(pcm, running.signal);
  const second = recognizer.recognize(pcm, waiting.signal);
  const third = recognizer.recognize(pcm.subarray(0, 48_000), never);
  const gone = Promise.all([assert.rejects(first), assert.rejects(second)]);
  await setImmediate();
  waiting.abort();
  running.abort();
  await gone;
  assert.match((await third).text, /\w/);
  assert.notEqual(childrenOf(process.pid)[0], former, 'the process that was busy with it is gone');
});

test('more waiting turns than allowed are refused as overload', async (t) => {
  const recognizer = start(t, { maxWaiting: 1 });
  const accepted = [1, 2].map(() => recognizer.recognize(pcm.subarray(0, 16_000), never));
  await assert.rejects(recognizer.recognize(pcm, never), { status: 503 });
  await Promise.all(accepted);
});

test('a recogniser that can’t run says why and what to do, and the rest of the sandbox works', async (t) => {
  const { sandbox, openai } = await withSandbox(t, { python: '/nonexistent/python' });
  await assert.rejects(sandbox.ready, /nonexistent\/python.*ENOENT.*make install/s);
  const file = await wavFile(sample?.wav ?? Buffer.alloc(0));
  await assert.rejects(openai.audio.transcriptions.create({ model: 'whisper-1', file }), /make install/);
  assert.ok((await openai.models.list()).data.length > 0);
});

test('a worker that dies fails its turn, and the next turn gets a new one', async (t) => {
  const recognizer = start(t);
  await recognizer.ready();
  const dying = assert.rejects(recognizer.recognize(pcm, never), /recogniser is not running.*SIGKILL/);
  await setImmediate();
  process.kill(childrenOf(process.pid)[0] as number, 'SIGKILL');
  await dying;
  assert.match((await recognizer.recognize(pcm.subarray(0, 48_000), never)).text, /\w/);
});
