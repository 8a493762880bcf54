import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/stack/parts.ts';
import { freePorts } from '../../scripts/stack/ports.ts';
import { pageModules } from '../../src/edge/page-modules.ts';
import { spawnSandbox } from '../../src/sandbox/spawn.ts';
import { startAgent } from '../support/agent.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const dockerfile = read('Dockerfile').replaceAll(/\\\n\s*/g, '');

/** The instructions of each stage, by its name, continued lines joined. */
const stages = Object.fromEntries(
  dockerfile
    .split(/^FROM /m)
    .slice(1)
    .map((text) => [/^\S+ AS (\S+)/.exec(text)?.[1] as string, text.split('\n').slice(1)]),
);
const all = Object.values(stages).flat();
const instruction = (stage: string, name: string) =>
  (stages[stage] ?? []).filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));

/** What the build takes from the tree: [path, stage]. */
const copied = Object.entries(stages).flatMap(([stage]) =>
  instruction(stage, 'COPY')
    .filter((text) => !text.startsWith('--from'))
    .flatMap((text) => text.split(' ').slice(0, -1))
    .map((path) => ({ path, stage })),
);

/** Docker's rule: the last pattern that matches a path, or a folder above it, decides. */
function ignored(path: string): boolean {
  const above = path.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'));
  let out = false;
  for (const line of read('.dockerignore').split('\n')) {
    const [, not, pattern] = /^(!?)([^#\s].*)$/.exec(line) ?? [];
    const expression = new RegExp(`^${pattern?.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
    if (pattern && above.some((each) => expression.test(each))) out = not === '';
  }
  return out;
}

test('what the build copies is there and not ignored; secrets, data and history stay out', () => {
  assert.ok(copied.length >= 6);
  for (const { path } of copied) {
    assert.ok(existsSync(join(ROOT, path)), path);
    assert.equal(ignored(path), false, path);
  }
  for (const path of [
    '.env',
    '.git/HEAD',
    'data/agent.db',
    'node_modules/zod/package.json',
    '.stack/data/agent.db',
    'scripts/stack.ts',
    'src/mixin/config.ts',
  ])
    assert.equal(ignored(path), true, path);
});

test('every file and package that a container imports is in its image', () => {
  const { dependencies } = JSON.parse(read('package.json'));
  const starts = {
    agent: ['src/instrumentation.ts', 'src/main.ts', 'scripts/alert-receiver.ts'],
    sandbox: ['src/sandbox/main.ts'],
  };
  for (const [stage, entries] of Object.entries(starts)) {
    const inImage = copied.filter((each) => each.stage === stage).map(({ path }) => path);
    const { files, packages } = importedBy(entries);
    for (const file of files) {
      const taken = inImage.some((path) => file === path || file.startsWith(`${path}/`));
      assert.ok(taken && !ignored(file), `${stage} has no ${file}`);
    }
    for (const name of packages) assert.ok(name in dependencies, `${stage} imports ${name}, no dependency`);
    assert.ok(packages.size > 0 && files.size > entries.length, 'the scan found the imports');
  }
});

/** All files and packages that these files import, and those that they import. */
function importedBy(entries: string[]): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    if (!file.endsWith('.ts')) return;
    const imports = read(file).matchAll(
      /(?:^|\n)(?:import|export)\s(?!type\s)[^;'"]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import '([^']+)'/g,
    );
    for (const [, from, dynamic, bare] of imports) {
      const name = (from ?? dynamic ?? bare) as string;
      if (name.startsWith('.')) visit(normalize(join(dirname(file), name)));
      else if (!name.startsWith('node:'))
        packages.add(
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        );
    }
  };
  for (const entry of entries) visit(entry);
  return { files, packages };
}

test('both images run as node, on the Node that package.json asks for, with what compose starts', () => {
  const [from] = /^FROM (.*) AS base$/m.exec(dockerfile)?.slice(1) ?? [];
  assert.equal(from, 'node:24-bookworm-slim');
  for (const stage of ['agent', 'sandbox']) {
    assert.deepEqual(instruction(stage, 'USER'), ['node'], stage);
    const [command = '[]'] = instruction(stage, 'CMD').slice(-1);
    const entry = (JSON.parse(command) as string[]).at(-1) as string;
    assert.ok(existsSync(join(ROOT, entry)), entry);
  }
  assert.match(instruction('agent', 'RUN').join(), /mkdir \/data && chown node:node \/data/);
  assert.ok(!all.some((line) => /ENV.*(TOKEN|KEY|PASSWORD|SECRET)/.test(line)), 'no secret is baked in');
  const { version } = JSON.parse(read('package.json'));
  assert.match(read('docker-compose.yml'), new RegExp(`image: learning-voice-agent:${version}\n`));
});

/** Runs the stage's health check as Docker would; its exit status. */
function health(stage: string, env: Record<string, string>): number | null {
  const [check = ''] = instruction(stage, 'HEALTHCHECK');
  const [program, ...args] = JSON.parse(check.slice(check.indexOf('['))) as [string, ...string[]];
  assert.equal(program, 'node');
  return spawnSync(process.execPath, args, { env: { ...process.env, ...env }, timeout: 20_000 }).status;
}

test("the agent's health check tells a ready agent from none", async (t) => {
  const { agent: nobody } = await freePorts();
  assert.equal(health('agent', { PORT: `${nobody}` }), 1);
  const agent = await startAgent({ env: { PROVIDERS: 'sandbox' } });
  t.after(() => agent.stop());
  assert.equal(health('agent', { PORT: `${agent.ports.agent}` }), 0);
});

test("the sandbox's health check tells a sandbox from none", async (t) => {
  const { agent: nobody } = await freePorts();
  assert.equal(health('sandbox', { SANDBOX_PORT: `${nobody}` }), 1);
  const sandbox = await spawnSandbox(() => {});
  t.after(() => sandbox.stop());
  assert.equal(health('sandbox', { SANDBOX_PORT: new URL(sandbox.url).port }), 0);
});

test('what the build throws away of packages is not what the page is served, nor what Node runs', () => {
  const [rule = ''] = instruction('packages', 'RUN').filter((line) => line.startsWith('find '));
  const [, folders = ''] = /^find (.*?) -type f/.exec(rule) ?? [];
  const kept = [...rule.matchAll(/! -name (\S+)/g)].map(([, name = '']) => name);
  const served = [...pageModules().files.values()].filter((file) =>
    folders.split(' ').some((folder) => file.includes(`${folder}/`)),
  );
  assert.equal(served.length, 3);
  // NOTE: in Node the runtime reads its glue from a file, and a package is found by its main file.
  const run = ['ort-wasm-simd-threaded.mjs', 'index.js'];
  for (const file of [...served.map((path) => basename(path)), ...run]) assert.ok(kept.includes(file), file);
});
