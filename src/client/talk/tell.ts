import { ProblemError, type VoiceClient } from '../index.ts';
import type { Printer } from './printer.ts';
import type { Said } from './said.ts';
import type { Voice } from './voice.ts';

export type TellDeps = { client: VoiceClient; printer: Printer; voice: Voice; leaving: AbortSignal };

/** Prints and plays one turn as it comes, to its last sound; gives the problem that it ended in, if any. */
export async function tell(said: Said, deps: TellDeps): Promise<ProblemError | undefined> {
  const { turn, endOfSpeech } = said;
  const { client, printer, voice, leaving } = deps;
  let wordAt: number | undefined;
  let soundAt: number | undefined;
  const play = voice.begin((at) => {
    soundAt = at;
  });
  try {
    for await (const event of turn) {
      printer.event(event);
      if (event.type === 'delta') wordAt ??= performance.now();
      if (event.type === 'speech' && event.audio.length > 0 && !said.unheard) play(event.audio);
    }
  } catch (thrown) {
    if (!(thrown instanceof ProblemError)) throw thrown;
    // What was being said when the learner left was not meant to be a turn.
    if (leaving.aborted && thrown.cause === leaving.reason) return undefined;
    printer.failed(thrown, said.file);
    return thrown;
  }
  await voice.done();
  if (wordAt === undefined && soundAt === undefined) return undefined;
  const start = await endOfSpeech;
  const since = (at?: number) => (at === undefined ? undefined : Math.max(0, at - start));
  // NOTE: a figure that is not taken is no concern of the learner.
  await client.heard(await turn.turnId, { firstWordMs: since(wordAt), firstSoundMs: since(soundAt) }).catch(() => {});
  return undefined;
}
