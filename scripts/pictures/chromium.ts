import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAME = 'chromium';

/** The path of Debian's Chromium, looked for in PATH; throws with the cure where there is none. */
export function chromiumPath(): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      const path = join(folder, NAME);
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  throw new Error(
    'Pictures need Chromium, and so do tests of the page; it is not in PATH, get it with: bash scripts/install/chromium.sh',
  );
}
