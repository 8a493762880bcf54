import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { ROOT } from '../../scripts/stack/parts.ts';
import { readDocument } from '../support/markdown.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { type Agent, startAgentWithSandbox } from './support.ts';

const ADDRESS = 'http://127.0.0.1:8000';

/** A program of a document, and what the document says that it prints; `…` stands for anything. */
type Program = { page: string; heading: string; code: string; prints: string | undefined };

function programsOf(page: string): Program[] {
  const blocks = /^```ts\n(.*?)^```\n(?:\s*^```text\n(.*?)^```$)?/gms;
  return readDocument(page)
    .split(/^(?=## )/m)
    .flatMap((section) =>
      [...section.matchAll(blocks)].map(([, code = '', prints]) => ({
        page,
        heading: /^## (.+)/.exec(section)?.[1] ?? '',
        code,
        prints,
      })),
    );
}

let agent: Agent;
before(async () => {
  agent = await startAgentWithSandbox();
});
after(() => agent?.[Symbol.asyncDispose]());

for (const [page, least] of [
  ['README.md', 1],
  ['docs/client.md', 9],
] as const) {
  const programs = programsOf(page);

  test(`${page} has its programs, each with what it prints`, () => {
    assert.ok(programs.length >= least, `${programs.length} programs`);
    assert.deepEqual(
      programs.filter(({ prints }) => prints === undefined).map(({ heading }) => heading),
      [],
    );
  });

  for (const { heading, code, prints = '' } of programs) {
    test(`${page}, ${heading}: the program prints what the document says`, async () => {
      assert.ok(code.includes(ADDRESS));
      const { out, err, exit } = await run(code.replaceAll(ADDRESS, agent.url));
      assert.deepEqual({ err, exit }, { err: '', exit: 0 });
      assert.match(out, pattern(prints), `it printed:\n${out}`);
    });
  }
}

test('what docs/client.md says to copy runs elsewhere, with socket.io-client alone', async () => {
  await using elsewhere = await temporaryDir();
  const copy = (path: string) => cp(join(ROOT, path), join(elsewhere.path, path), { recursive: true, filter: wanted });
  const wanted = (path: string) => !/client\/talk(\.ts)?$/.test(path);
  await Promise.all(['src/client', 'src/edge/protocol.ts'].map(copy));
  await mkdir(join(elsewhere.path, 'node_modules'));
  const needed = 'node_modules/socket.io-client';
  await symlink(join(ROOT, needed), join(elsewhere.path, needed));
  const [{ code, prints = '' }] = programsOf('README.md') as [Program];
  const { out, err, exit } = await run(code.replaceAll(ADDRESS, agent.url), elsewhere.path);
  assert.deepEqual({ err, exit }, { err: '', exit: 0 });
  assert.match(out, pattern(prints));
});

/** Runs a program as if it lay in this folder. */
async function run(code: string, cwd = ROOT): Promise<{ out: string; err: string; exit: number }> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-'], {
    cwd,
    env: { NODE_OPTIONS: '' },
    timeout: 30_000,
  });
  child.stdin.end(code);
  const [out, err, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { out, err, exit };
}

function pattern(prints: string): RegExp {
  const parts = prints.trimEnd().split('…');
  return new RegExp(`^${parts.map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('.*')}\n?$`);
}
