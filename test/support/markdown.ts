import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A document of this project, by its path from the root. */
export const readDocument = (path: string): string =>
  readFileSync(join(import.meta.dirname, '../..', path), 'utf8').replaceAll('\r', '');

/** The part of a document below a heading of the second level, up to the next one; throws when there is no such heading. */
export function sectionOf(markdown: string, heading: string): string {
  const parts = markdown.split(/^## /m);
  const found = parts.find((part) => part.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`There is no heading "## ${heading}"`);
  return found;
}

/** The rows of the first table of a text, cell by cell, without its head; `\|` is a bar, and backticks around a whole cell are taken off. */
export function tableRows(markdown: string): string[][] {
  const lines = markdown.split('\n');
  const first = lines.findIndex((line) => /^\|[\s:|-]+\|$/.test(line)) + 1;
  const end = lines.findIndex((line, index) => index >= first && !line.startsWith('|'));
  return lines.slice(first, end).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) =>
        cell
          .trim()
          .replaceAll('\\|', '|')
          .replace(/^`(.*)`$/, '$1'),
      ),
  );
}
