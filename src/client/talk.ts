import { writeFile } from 'node:fs/promises';
import { ProblemError } from './problem-error.ts';
import { createRest } from './rest.ts';
import { HELP, readOptions, type TalkOptions, UsageError } from './talk/options.ts';
import { jsonPrinter, peoplePrinter } from './talk/printer.ts';
import { prepare } from './talk/says.ts';
import { findPlayer, type Player } from './talk/sound.ts';
import { joinWavs } from './talk/wav.ts';
import { connect, type VoiceClient } from './voice-client.ts';

/** Says everything in order, and tells the exit code. */
async function talk(options: TalkOptions): Promise<number> {
  const { url, token, sessionId, speak } = options;
  const says = await Promise.all(options.inputs.map((input) => prepare(input, options.type)));
  const printer = options.json ? jsonPrinter() : peoplePrinter();
  using client = await connect({ url, token, sessionId, speak, onProblem: printer.failed });
  if (!options.json) printer.begin(client.sessionId, await createRest({ url, token, ledger: client.ledger }).info());

  const player = speak && !options.save ? findPlayer() : undefined;
  const sounds: Uint8Array[] = [];
  let failed = false;
  leaveOnInterrupt(client, player);
  for (const say of says) {
    for await (const turn of say(client)) {
      try {
        for await (const event of turn) {
          printer.event(event);
          if (event.type !== 'speech' || event.audio.length === 0) continue;
          sounds.push(event.audio);
          player?.play(event.audio);
        }
      } catch (thrown) {
        if (!(thrown instanceof ProblemError)) throw thrown;
        printer.failed(thrown);
        if (thrown.kind === 'disconnected') return 3;
        failed = true;
      }
      await player?.done().catch(() => {});
    }
  }
  if (options.end) printer.ended(await client.end());
  if (sounds.length > 0) {
    const trouble = options.save ? '' : await whyUnheard(player);
    const file = options.save ?? 'reply.wav';
    if (trouble !== undefined) {
      await writeFile(file, joinWavs(sounds));
      printer.note(`${trouble}The spoken reply is in ${file}.`);
    }
  }
  return failed ? 1 : 0;
}

/** Ctrl-C breaks off the reply; where there is none, it leaves. */
function leaveOnInterrupt(client: VoiceClient, player?: Player): void {
  const leave = () => process.exit(130);
  process.on('SIGINT', () => {
    player?.silence();
    client.interrupt().then((count) => count > 0 || leave(), leave);
  });
}

async function whyUnheard(player?: Player): Promise<string | undefined> {
  if (!player) return 'Neither aplay nor ffplay is here to play it. ';
  return player.done().then(
    () => undefined,
    (error: Error) => `It could not be played (${error.message}). `,
  );
}

/** What went wrong, and the exit code that says so. */
function explain(error: unknown): [message: string, code: number] {
  if (error instanceof UsageError) return [`${error.message}\nnpm run talk -- --help tells more.`, 2];
  if (!(error instanceof ProblemError))
    return [error instanceof Error ? (error.stack ?? error.message) : `${error}`, 1];
  if (error.kind !== 'disconnected') return [`${error.kind}: ${error.message}`, 3];
  return [`${error.message} Start one with: make up (or alone: npm start), or name its address with --url.`, 3];
}

// NOTE: whoever reads us may have heard enough, as `head` does.
process.stdout.on('error', () => process.exit(1));
try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) process.stdout.write(HELP);
  else process.exitCode = await talk(options);
} catch (error) {
  const [message, code] = explain(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = code;
}
