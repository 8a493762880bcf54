import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Where the sandbox finds the programs that hear and speak; each can be set by hand. */
export interface Tools {
  /** A Python 3 with the `pocketsphinx` package. */
  python: string;
  flite: string;
  /** Decodes whatever is not WAV; where there is none, other formats are refused. */
  ffmpeg: string;
}

/** The project's own unpacked programs first, then those on PATH; SANDBOX_PYTHON, SANDBOX_FLITE and SANDBOX_FFMPEG win. */
export function findTools(env: NodeJS.ProcessEnv = process.env): Tools {
  return {
    python: env.SANDBOX_PYTHON || firstExisting('.stack/python/bin/python') || 'python3',
    flite: env.SANDBOX_FLITE || firstExisting('.stack/debian/usr/bin/flite') || 'flite',
    ffmpeg: env.SANDBOX_FFMPEG || 'ffmpeg',
  };
}

/** The library path that a program unpacked from a Debian package outside `/usr` needs, or undefined. */
export function libraryPath(program: string): string | undefined {
  if (!program.endsWith('/usr/bin/flite') || program === '/usr/bin/flite') return undefined;
  const lib = resolve(program, '../../lib');
  if (!existsSync(lib)) return undefined;
  const dirs = readdirSync(lib).filter((name) => name.endsWith('-linux-gnu'));
  return dirs.map((name) => join(lib, name)).join(':') || undefined;
}

function firstExisting(path: string): string | undefined {
  const full = join(root, path);
  return existsSync(full) ? full : undefined;
}
