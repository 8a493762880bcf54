import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProblemError } from '../problem-error.ts';
import { newTrace } from '../trace.ts';
import { UsageError } from './options.ts';
import { readRecording, type Says, saidOnceSent } from './said.ts';

const AUDIO = ['.wav', '.mp3', '.ogg', '.opus', '.webm', '.flac', '.m4a'];

/** Says all recordings of a folder in the order of their names, over and over until `leaving`. Throws UsageError. */
export async function prepareLoop(dir: string, leaving: AbortSignal): Promise<Says> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--loop ${dir} can't be read (${error.code}): name a folder of recordings.`);
  });
  const files = entries
    .filter((entry) => !entry.isDirectory() && AUDIO.includes(extname(entry.name).toLowerCase()))
    .map(({ name }) => join(dir, name))
    .sort();
  if (files.length === 0) {
    throw new UsageError(`--loop ${dir} has no recordings: put some there (${AUDIO.join(' ')}).`);
  }
  return async function* (client) {
    for (let next = 0; !leaving.aborted; next = (next + 1) % files.length) {
      const file = files[next] as string;
      const said = saidOnceSent(client.speakAudio(await readRecording(file), newTrace()), file);
      yield said;
      const problem = await said.turn.reply.then(
        () => undefined,
        (problem: ProblemError) => problem,
      );
      // NOTE: an agent that refuses everything would be asked thousands of times a second.
      if (problem) await sleep((problem.retryAfterS ?? 1) * 1000, undefined, { signal: leaving }).catch(() => {});
    }
  };
}
