import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { etagOfFile } from '../../src/edge/page-files.ts';
import { temporaryDir } from '../support/temporary-dir.ts';

const tagOf = (content: string | Buffer) => `"${createHash('sha256').update(content).digest('base64url')}"`;

test('a large file is read in pieces, while others are served, and once', async () => {
  await using dir = await temporaryDir();
  const file = join(dir.path, 'runtime.wasm');
  await writeFile(file, Buffer.alloc(10_000_000, 'ab'));
  const etag = etagOfFile(file);
  let known = false;
  const both = [etag(), etag()].map((tag) =>
    tag.finally(() => {
      known = true;
    }),
  );
  let others = 0;
  for (; !known; others++) await setImmediate();
  assert.ok(others > 10, `${others} others had their turn meanwhile`);
  const tag = tagOf(await readFile(file));
  assert.deepEqual(await Promise.all(both), [tag, tag]);
  await writeFile(file, 'changed');
  assert.equal(await etag(), tag, 'the process serves what it began with');
});

test('a file that could not be read is tried again', async () => {
  await using dir = await temporaryDir();
  const file = join(dir.path, 'icon.svg');
  const etag = etagOfFile(file);
  await assert.rejects(etag(), { code: 'ENOENT' });
  await writeFile(file, '<svg/>');
  assert.equal(await etag(), tagOf('<svg/>'));
});
