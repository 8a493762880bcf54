import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../scripts/stack/parts.ts';

const LIBRIVOX = join(ROOT, '.stack/debian/usr/share/pocketsphinx/test/data/librivox');

export type Recording = { name: string; transcript: string; bytes: Buffer };

/** The five real recordings of Debian's pocketsphinx-testdata, WAV of 16 kHz, with what is really said in them. */
export async function recordings(): Promise<[Recording, ...Recording[]]> {
  const lines = (await readFile(join(LIBRIVOX, 'transcription'), 'utf8')).trim().split('\n');
  const found = lines.map(async (line) => {
    const [, transcript = '', name = ''] = /<s> (.*) <\/s> \((.*)\)/.exec(line) ?? [];
    return { name, transcript, bytes: await readFile(join(LIBRIVOX, `${name}.wav`)) };
  });
  return (await Promise.all(found)) as [Recording, ...Recording[]];
}
