import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { boardFiles } from './boards/index.ts';
import { metricsPage } from './docs.ts';
import { kubernetesFiles } from './kubernetes.ts';
import { ruleFiles } from './rules/index.ts';
import { runbookConsole } from './runbook.ts';

const root = join(import.meta.dirname, '../..');
const below = (folder: string, files: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

const runbook = runbookConsole(readFileSync(join(root, 'docs/runbook.md'), 'utf8'));

/** Everything that is made from the catalog, the mixin and the runbook, by its path from the project's root. */
const files: Record<string, string> = {
  'docs/metrics.md': metricsPage(),
  ...below('alerts', ruleFiles()),
  'alerts/consoles/runbook.html': runbook,
  ...below('grafana/dashboards', boardFiles()),
  ...below('deploy/kubernetes', kubernetesFiles(runbook)),
};

for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(`generated ${path}`);
}
