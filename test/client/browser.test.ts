import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/stack/parts.ts';

/** A module and all that it imports at run time; types are gone by then. */
function closure(file: string, seen = new Map<string, string>()): Map<string, string> {
  const text = readFileSync(file, 'utf8');
  seen.set(file, text);
  for (const [, name = ''] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm)) {
    const target = name.startsWith('.') ? resolve(dirname(file), name) : name;
    if (!name.startsWith('.')) seen.set(name, '');
    else if (!seen.has(target)) closure(target, seen);
  }
  return seen;
}

test('the client library runs in a browser: nothing of Node is in it', () => {
  for (const entry of ['index.ts', 'voice-client.ts', 'rest.ts']) {
    const modules = closure(join(ROOT, 'src/client', entry));
    const packages = [...modules.keys()].filter((name) => !name.startsWith('/'));
    assert.deepEqual(packages, entry === 'rest.ts' ? [] : ['socket.io-client']);
    for (const [file, text] of modules) assert.doesNotMatch(text, /\b(Buffer\.[a-z]|process\.[a-z]|require\()/, file);
  }
});
