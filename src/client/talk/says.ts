import { createInterface } from 'node:readline';
import { newTrace } from '../trace.ts';
import type { VoiceClient } from '../voice-client.ts';
import type { LiveDeps } from './live.ts';
import { prepareLoop } from './loop.ts';
import { type Input, UsageError } from './options.ts';
import { readRecording, type Said, type Says, saidNow, saidOnceSent } from './said.ts';
import { hasMicrophone, MIC_TYPE, record } from './sound.ts';

/** `type` is that of raw samples. */
export type PrepareDeps = LiveDeps & { type?: string | undefined };

/** Looks at what is to be said before any of it is. Throws UsageError. */
export async function prepare(input: Input, deps: PrepareDeps): Promise<Says> {
  if ('text' in input) return (client) => [saidNow(client.say(input.text, newTrace()))];
  if ('lines' in input) return sayLines;
  if ('loop' in input) return prepareLoop(input.loop, deps.leaving);
  if ('file' in input) {
    const { file } = input;
    const audio = await readRecording(file);
    return (client) => [saidOnceSent(client.speakAudio(audio, { type: deps.type, ...newTrace() }), file)];
  }
  if (!hasMicrophone()) {
    throw new UsageError(
      'There is no arecord on the PATH to hear a microphone with: apt-get install alsa-utils, or give a recording.',
    );
  }
  if ('mic' in input) return pushToTalk;
  // Later, since its runtime takes a while to load.
  const { prepareLive } = await import('./live.ts');
  return prepareLive(deps);
}

async function* sayLines(client: VoiceClient): AsyncGenerator<Said> {
  const terminal = process.stdin.isTTY;
  const reader = createInterface({ input: process.stdin, ...(terminal && { output: process.stdout }) });
  // NOTE: on a terminal the reader keeps Ctrl-C for itself.
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  reader.setPrompt('> ');
  if (terminal) reader.prompt();
  for await (const line of reader) {
    if (line.trim() !== '') yield saidNow(client.say(line, newTrace()));
    if (terminal) reader.prompt();
  }
}

async function* pushToTalk(client: VoiceClient): AsyncGenerator<Said> {
  const stop = new AbortController();
  const pressed = Promise.withResolvers<number>();
  process.stderr.write('Speak, and press Enter when you are done.\n');
  process.stdin.once('data', () => {
    pressed.resolve(performance.now());
    stop.abort();
  });
  try {
    const turn = client.speakAudio(record(stop.signal), { type: MIC_TYPE, ...newTrace() });
    yield { turn, endOfSpeech: pressed.promise };
  } finally {
    process.stdin.pause();
  }
}
