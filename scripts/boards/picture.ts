import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromiumPath } from '../pictures/chromium.ts';
import { indexed } from './png.ts';

const DEADLINE_MS = 60_000;

/** Takes a picture of a page with Debian's Chromium; without one, or when it makes no picture, an error says what to do. */
export async function picture(page: string, png: string, size: { width: number; height: number }): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 'boards-chromium-'));
  rmSync(png, { force: true });
  try {
    const printed = await run(chromiumPath(), [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--hide-scrollbars',
      `--user-data-dir=${profile}`,
      `--window-size=${size.width},${size.height}`,
      `--screenshot=${png}`,
      pathToFileURL(page).href,
    ]);
    if (!existsSync(png)) {
      const why = printed.trim().split('\n').slice(-3).join(' ') || `nothing in ${DEADLINE_MS / 1000} s`;
      throw new Error(`Chromium made no picture of ${page}; it said: ${why}`);
    }
    writeFileSync(png, indexed(readFileSync(png)));
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function run(command: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    // NOTE: spawn's own timeout keeps a process that could not be started waiting.
    const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        printed += chunk;
      });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', () => {
      clearTimeout(timer);
      resolve(printed);
    });
  });
}
