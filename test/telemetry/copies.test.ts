import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));

test('one copy of every OpenTelemetry package is installed, as the lock file says', () => {
  const installed = Object.keys(read('node_modules/.package-lock.json').packages);
  const packages = installed
    .map((path) => path.split('node_modules/').at(-1) as string)
    .filter((name) => /^(@opentelemetry\/|import-in-the-middle$|pino$|zod$|undici$)/.test(name));
  const twice = packages.filter((name, index) => packages.indexOf(name) !== index);
  assert.ok(packages.length > 50, `found ${packages.length}`);
  assert.deepEqual(twice, []);
});

test('every dependency is pinned to one version', () => {
  const { dependencies, devDependencies } = read('package.json');
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)),
  );
  assert.deepEqual(loose, []);
});

test('the Node that runs is the one that is pinned', () => {
  assert.equal(process.versions.node, read('package.json').dependencies.node);
});
