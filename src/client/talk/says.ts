import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Turn } from '../turn.ts';
import type { VoiceClient } from '../voice-client.ts';
import { type Input, UsageError } from './options.ts';
import { hasMicrophone, MIC_TYPE, record } from './sound.ts';

/** Says something: a turn, or one after the other. */
export type Says = (client: VoiceClient) => AsyncIterable<Turn> | Iterable<Turn>;

/** Looks at what is to be said before any of it is; `type` is that of raw samples. Throws UsageError. */
export async function prepare(input: Input, type?: string): Promise<Says> {
  if ('text' in input) return (client) => [client.say(input.text)];
  if ('lines' in input) return sayLines;
  if ('file' in input) {
    const audio = await readFile(input.file).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${input.file} can't be read (${error.code}): give a recording, as a WAV file.`);
    });
    return (client) => [client.speakAudio(audio, { type })];
  }
  if (hasMicrophone()) return sayLive;
  throw new UsageError(
    'There is no arecord on the PATH to hear a microphone with: apt-get install alsa-utils, or give a recording.',
  );
}

async function* sayLines(client: VoiceClient): AsyncGenerator<Turn> {
  const terminal = process.stdin.isTTY;
  const reader = createInterface({ input: process.stdin, ...(terminal && { output: process.stdout }) });
  // NOTE: on a terminal the reader keeps Ctrl-C for itself.
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  reader.setPrompt('> ');
  if (terminal) reader.prompt();
  for await (const line of reader) {
    if (line.trim() !== '') yield client.say(line);
    if (terminal) reader.prompt();
  }
}

async function* sayLive(client: VoiceClient): AsyncGenerator<Turn> {
  const stop = new AbortController();
  process.stderr.write('Speak, and press Enter when you are done.\n');
  process.stdin.once('data', () => stop.abort());
  try {
    yield client.speakAudio(record(stop.signal), { type: MIC_TYPE });
  } finally {
    process.stdin.pause();
  }
}
