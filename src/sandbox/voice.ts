import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PQueue from 'p-queue';
import { ProviderError } from './provider-error.ts';
import { libraryPath } from './tools.ts';
import { decodeWav, type Pcm } from './wav.ts';

/** The provider's voice names, each spoken by the flite voice that comes nearest. */
export const VOICES: Record<string, string> = {
  alloy: 'slt',
  ash: 'rms',
  ballad: 'awb',
  cedar: 'rms',
  coral: 'slt',
  echo: 'rms',
  fable: 'awb',
  marin: 'slt',
  nova: 'slt',
  onyx: 'kal16',
  sage: 'slt',
  shimmer: 'slt',
  verse: 'awb',
};

const LIMIT_MS = 30_000;

/** Turns text into sound; a benchmark may put its own here. */
export interface Voice {
  /** Speaks in one of `VOICES`; speed 0.25 to 4. */
  speak(text: string, voice: string, speed: number, signal: AbortSignal): Promise<Pcm>;
  close(): Promise<void>;
}

/** flite, one process for each text, two at a time. */
export function createVoice({ flite }: { flite: string }): Voice {
  const queue = new PQueue({ concurrency: 2 });
  const library = libraryPath(flite);
  const env = library ? { ...process.env, LD_LIBRARY_PATH: library } : process.env;
  let dir: string | undefined;
  let spoken = 0;

  async function run(text: string, voice: string, speed: number, signal: AbortSignal): Promise<Pcm> {
    dir ??= mkdtempSync(join(tmpdir(), 'sandbox-voice-'));
    spoken += 1;
    // NOTE: a file, because flite can't open /dev/stdout when it is a pipe of Node's (a socket): it writes nothing and exits 0.
    const file = join(dir, `${spoken}.wav`);
    const stretch = `duration_stretch=${1 / speed}`;
    const args = ['-voice', VOICES[voice] ?? 'slt', '--setf', stretch, '-t', text, '-o', file];
    try {
      await new Promise<void>((resolve, reject) => {
        execFile(flite, args, { env, signal, timeout: LIMIT_MS }, (error) => (error ? reject(error) : resolve()));
      });
      const pcm = decodeWav(await readFile(file));
      if (!pcm) throw new Error('it wrote no WAV');
      return pcm;
    } catch (error) {
      signal.throwIfAborted();
      const reason = (error as Error).message.split('\n', 1)[0]?.replace(text, '…');
      throw new ProviderError(
        500,
        `The sandbox's voice is not working (${flite}: ${reason}). Run "make install", or set SANDBOX_FLITE to a flite.`,
      );
    } finally {
      await rm(file, { force: true });
    }
  }

  return {
    async speak(text, voice, speed, signal) {
      const words = speakable(text);
      if (!/[a-z0-9]/i.test(words)) return { samples: new Int16Array(1600), rate: 16_000 };
      return queue.add(() => run(words, voice, speed, signal), { signal });
    },
    async close() {
      queue.clear();
      if (dir) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What flite can read out: plain ASCII, without accents, emoji and control characters. */
function speakable(text: string): string {
  return text
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/\s*[–—]/g, ',')
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]+/g, (run) => (/^\p{M}+$/u.test(run) ? '' : ' '))
    .replace(/\s+/g, ' ')
    .trim();
}
