import { readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import amaro from 'amaro';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { chromiumPath } from '../../scripts/pictures/chromium.ts';
import { type TemporaryDir, temporaryDir } from './temporary-dir.ts';

export type BrowserOptions = {
  /**
   * What the machine's microphone hears, from the moment it is opened and once: a WAV, or the path of one. Without, it
   * beeps; `false`: there is no microphone.
   */
  microphone?: Uint8Array | string | false;
  /** What the user answers when the page asks for the microphone. */
  permission?: 'granted' | 'denied';
};

export type OpenOptions = {
  colorScheme?: 'light' | 'dark';
  viewport?: { width: number; height: number };
  /** The access token, as if it had been entered in this tab. */
  token?: string;
  /** Records what is audible, for `ear.ts`. */
  ear?: boolean;
  /** The microphone hears what the test says by `speak` of `microphone.ts`, and nothing else. */
  onDemandMicrophone?: boolean;
  /** Notes when the page shows and sends what, for `witness.ts`. */
  witness?: boolean;
};

/** A page that is loaded, in a profile of its own. */
export interface OpenPage extends AsyncDisposable {
  page: Page;
  /** All that went wrong on it so far: errors and warnings of its console, exceptions, failed requests, violations of its CSP. */
  problems(): string[];
}

/** A real Chromium of the test's own; at the end of its scope its processes and files are gone. */
export interface Browser extends AsyncDisposable {
  open(url: string, options?: OpenOptions): Promise<OpenPage>;
}

const homes = new Set<string>();
// NOTE: a test run that is broken off disposes of nothing; Playwright then ends the processes, but knows no homes.
process.once('exit', () => {
  for (const path of homes) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
});

/** Starts Debian's Chromium without a window. */
export async function openBrowser(options: BrowserOptions = {}): Promise<Browser> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await temporaryDir());
  homes.add(home.path);
  stack.defer(() => void homes.delete(home.path));
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: await flags(options, home),
    env: { ...(process.env as Record<string, string>), ...ownPlaces(home.path) },
  });
  stack.defer(() => browser.close());
  const owned = stack.move();
  return {
    open: async (url, { colorScheme, viewport, ...more } = {}) => {
      const context = await browser.newContext({ ...(colorScheme && { colorScheme }), ...(viewport && { viewport }) });
      try {
        return await openPage(context, url, more);
      } catch (error) {
        // Of a browser that has died the first error tells more.
        await context.close().catch(() => {});
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Crash reports, certificates, the sound server's cookie and shared memory would stay in the user's own. */
const ownPlaces = (path: string) => ({ HOME: path, TMPDIR: path, XDG_CONFIG_HOME: '', XDG_CACHE_HOME: '' });

async function flags({ microphone, permission = 'granted' }: BrowserOptions, home: TemporaryDir): Promise<string[]> {
  const found = [
    `--use-fake-ui-for-media-stream${permission === 'denied' ? '=deny' : ''}`,
    '--autoplay-policy=no-user-gesture-required',
    // Root has no other way.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
  if (microphone !== false) found.push('--use-fake-device-for-media-stream');
  if (!microphone) return found;
  const path = typeof microphone === 'string' ? microphone : join(home.path, 'microphone.wav');
  if (typeof microphone !== 'string') await writeFile(path, microphone);
  return [...found, `--use-file-for-fake-audio-capture=${path}%noloop`];
}

async function openPage(context: BrowserContext, url: string, options: OpenOptions): Promise<OpenPage> {
  const { token, ear, onDemandMicrophone, witness } = options;
  const page = await context.newPage();
  const problems: string[] = [];
  const note = (kind: string, what: string) => void problems.push(`${kind}: ${what}`);
  page.on('console', (message) => {
    const { url: from, lineNumber } = message.location();
    if (['error', 'warning', 'assert'].includes(message.type()))
      note(`console ${message.type()}`, `${message.text()} (${from}:${lineNumber + 1})`);
  });
  page.on('pageerror', (error) => note('exception', error.stack ?? String(error)));
  page.on('crash', () => note('crash', page.url()));
  page.on('requestfailed', (request) => note('request', `${request.url()} ${request.failure()?.errorText}`));
  await page.exposeFunction('noteViolation', (what: string) => note('CSP', what));
  await page.addInitScript(inPage('violations'));
  if (ear) await page.addInitScript(inPage('ear'));
  if (onDemandMicrophone) await page.addInitScript(inPage('microphone'));
  if (witness) await page.addInitScript(inPage('witness'));
  if (token) await page.addInitScript(`sessionStorage.setItem('token', ${JSON.stringify(token)})`);
  await page.goto(url);
  return { page, problems: () => [...problems], [Symbol.asyncDispose]: () => context.close() };
}

/** A script that runs before those of the page; these are type-checked with test/page/tsconfig.json. */
function inPage(name: string): string {
  const source = readFileSync(join(import.meta.dirname, `in-page/${name}.ts`), 'utf8');
  return amaro.transformSync(source, { mode: 'strip-only' }).code;
}
