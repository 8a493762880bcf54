import { writeFileSync } from 'node:fs';
import { metricsPage } from './docs.ts';

/** Everything that is made from the catalog, by its path from the project's root. */
const files: Record<string, () => string> = {
  'docs/metrics.md': metricsPage,
};

for (const [path, content] of Object.entries(files)) {
  writeFileSync(new URL(`../../${path}`, import.meta.url), content());
  console.log(`generated ${path}`);
}
