import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { metricsPage } from './docs.ts';
import { ruleFiles } from './rules/index.ts';

const below = (folder: string, files: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

/** Everything that is made from the catalog, by its path from the project's root. */
const files: Record<string, string> = {
  'docs/metrics.md': metricsPage(),
  ...below('alerts', ruleFiles()),
};

const root = join(import.meta.dirname, '../..');
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(`generated ${path}`);
}
