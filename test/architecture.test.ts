import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');

type Import = { from: string; to: string };

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `src/${file}`);

/** Every import of every file: static, type-only, re-exported and dynamic. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/^\/\*.*?\*\//gms, '');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;
  return [...text.matchAll(pattern)].map((match) => {
    const name = (match[1] ?? match[2] ?? match[3]) as string;
    return { from: file, to: name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name };
  });
}
const imports = files.flatMap(importsOf);

/** The room of a file: its folder under src/, or the file itself. */
const room = (file: string): string => file.split('/')[1]?.replace(/\.ts$/, '') ?? file;

const LEAVES = ['config', 'errors', 'log'];
const MAY_IMPORT: Record<string, string[]> = {
  config: [],
  errors: [],
  log: ['errors'],
  instrumentation: ['telemetry'],
  main: ['app', 'instrumentation', ...LEAVES],
  closing: ['log'],
  providers: ['closing', 'adapters', 'telemetry', 'sandbox', 'conversation', ...LEAVES],
  app: ['closing', 'providers', 'adapters', 'edge', 'telemetry', 'sandbox', 'conversation', ...LEAVES],
  conversation: LEAVES,
  adapters: ['conversation', ...LEAVES],
  edge: ['conversation', ...LEAVES],
  telemetry: ['conversation', ...LEAVES],
  sandbox: LEAVES,
  client: [],
  listening: [],
  page: ['client', 'listening'],
  mixin: [],
};

test('every room imports only what it may', () => {
  assert.ok(imports.length > 100, 'the scan found the imports');
  const wrong = imports
    .filter(({ to }) => to.startsWith('src/'))
    .filter(({ from, to }) => {
      const [mine, theirs] = [room(from), room(to)];
      if (mine === theirs || MAY_IMPORT[mine]?.includes(theirs)) return false;
      if (mine === 'mixin') return !to.startsWith('src/telemetry/catalog/');
      if (from.startsWith('src/client/talk') && theirs === 'listening') return false;
      if (mine === 'client') return to !== 'src/edge/protocol.ts' || !typeOnly(from, 'edge/protocol.ts');
      return true;
    });
  assert.deepEqual(wrong, []);
});

function typeOnly(file: string, module: string): boolean {
  const lines = readFileSync(join(root, file), 'utf8')
    .replaceAll(/^\/\*\*.*?\*\//gms, '')
    .split(';');
  return lines.filter((line) => line.includes(module)).every((line) => /^\s*(import|export)\s+type\s/.test(line));
}

test('vendor SDKs stay in adapters, OpenTelemetry in telemetry', () => {
  const VENDORS = /^(openai|@anthropic-ai\/sdk|knex|sqlite3|redis|pg)(\/|$)/;
  const TELEMETRY = /^(@opentelemetry\/|import-in-the-middle)/;
  const wrong = imports.filter(
    ({ from, to }) =>
      (VENDORS.test(to) && room(from) !== 'adapters') ||
      (TELEMETRY.test(to) && !['telemetry', 'instrumentation'].includes(room(from))),
  );
  assert.deepEqual(wrong, []);
});

test('the client needs nothing but socket.io-client and Node', () => {
  const wrong = imports.filter(
    ({ from, to }) => room(from) === 'client' && !to.startsWith('src/') && !/^(node:|socket\.io-client$)/.test(to),
  );
  assert.deepEqual(wrong, []);
});

test('listening needs nothing but its runtime, which nobody else needs', () => {
  const RUNTIME = 'onnxruntime-web/wasm';
  const wrong = imports.filter(({ from, to }) =>
    room(from) === 'listening' ? !to.startsWith('src/') && to !== RUNTIME : to.startsWith('onnxruntime'),
  );
  assert.deepEqual(wrong, []);
});

test('the page takes the client library by its one module', () => {
  const wrong = imports.filter(
    ({ from, to }) => room(from) === 'page' && to.startsWith('src/client/') && to !== 'src/client/index.ts',
  );
  assert.deepEqual(wrong, []);
});

test('there are no cycles, not even of types', () => {
  const graph = new Map(files.map((file) => [file, imports.filter(({ from }) => from === file).map(({ to }) => to)]));
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file]);
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) if (graph.has(next)) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  assert.deepEqual(cycles, []);
});
