import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ALERT_NAMES } from '../../src/mixin/config.ts';
import { ALERTS } from '../e2e/known-queries.ts';
import { readDocument, sectionOf, tableRows } from '../support/markdown.ts';

const root = join(import.meta.dirname, '../..');
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...['architecture', 'client', 'operations', 'performance', 'runbook', 'voice-page'].map((name) => `docs/${name}.md`),
];

test('docs/operations.md tells of each old alert which one it has become', () => {
  const rows = tableRows(sectionOf(readDocument('docs/operations.md'), 'Alerts'));
  assert.deepEqual(
    rows.map(([, once]) => once),
    ALERTS,
  );
  for (const [name = '', , fault, now] of rows) {
    assert.ok((ALERT_NAMES as string[]).includes(name), `${name} is an alert`);
    assert.ok(fault && now, `${name} has its fault and its meaning`);
  }
});

test('every file, heading, make target and script that the documents name is there', () => {
  const makefile = readDocument('Makefile');
  const { scripts } = JSON.parse(readDocument('package.json')) as { scripts: Record<string, string> };
  const missing: string[] = [];
  for (const page of PAGES) {
    const text = readDocument(page);
    for (const [, link = ''] of text.matchAll(/(?:\]\(|(?:src|srcset)=")([^)"\s]+)[)"]/g)) {
      if (/^https?:/.test(link)) continue;
      const [file = '', heading] = link.split('#');
      const target = file ? join(dirname(page), file) : page;
      if (!existsSync(join(root, target))) missing.push(`${page}: ${link}`);
      else if (heading && !anchors(readDocument(target)).has(heading)) missing.push(`${page}: ${link}`);
    }
    for (const [, target] of text.matchAll(/(?:`|^)make ([a-z][a-z0-9-]*)/gm))
      if (!new RegExp(`^${target}:`, 'm').test(makefile)) missing.push(`${page}: make ${target}`);
    for (const [, script = ''] of text.matchAll(/npm run (?:--silent )?([a-z][a-z-]*)/g))
      if (!(script in scripts)) missing.push(`${page}: npm run ${script}`);
    for (const [, path = ''] of text.matchAll(/`((?:src|scripts|test|docs|alerts|grafana|deploy)\/[\w./-]+)`/g))
      if (!existsSync(join(root, path))) missing.push(`${page}: ${path}`);
  }
  assert.deepEqual(missing, []);
});

/** The anchors that GitHub gives the headings of a page. */
const anchors = (markdown: string): Set<string> =>
  new Set(
    [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
