import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What stands in a configuration for containers, and what the native stack has in its place, everywhere. */
export type Replacement = readonly [from: string, to: string];

/**
 * The native text of a configuration in `root`, for programs that expand no environment. Throws when something to be
 * replaced no longer stands in it, naming `replacer`, the script that does it.
 */
export function nativeText(root: string, file: string, replacer: string, replacements: Replacement[]): string {
  let text = readFileSync(join(root, file), 'utf8');
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`${file} has no \`${from}\`; ${replacer} replaces it`);
    text = text.replaceAll(from, () => to);
  }
  return text;
}

/** Writes a file, its folder made when missing. */
export function writeBelow(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
