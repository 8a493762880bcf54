import { once } from 'node:events';
import { connect, createRest, ProblemError, type VoiceClient } from './index.ts';
import { leaveOnInterrupt } from './talk/leave.ts';
import { HELP, isEndless, readOptions, type TalkOptions, UsageError } from './talk/options.ts';
import { jsonPrinter, type Printer, peoplePrinter } from './talk/printer.ts';
import { prepare } from './talk/says.ts';
import { findPlayer } from './talk/sound.ts';
import { createStatus } from './talk/status.ts';
import { tell } from './talk/tell.ts';
import { checkSave, createVoice } from './talk/voice.ts';

/** Says everything in order, and tells the exit code. */
async function talk(options: TalkOptions): Promise<number> {
  const { url, token, sessionId, inputs, save, json } = options;
  const endless = inputs.find(isEndless);
  const live = endless !== undefined && 'live' in endless;
  const status = live && !json ? createStatus() : undefined;
  const plain = json ? jsonPrinter() : peoplePrinter();
  const printer = status?.around(plain) ?? plain;
  const { note } = printer;
  const player = (options.speak || live) && !save ? findPlayer() : undefined;
  const leaving = new AbortController();
  const deps = { player, status, leaving: leaving.signal, note, type: options.type };
  if (save !== undefined) await checkSave(save);
  const says = await Promise.all(inputs.map((input) => prepare(input, deps)));

  const speak = options.speak || player !== undefined;
  using client = await connect({ url, token, sessionId, speak, onProblem: printer.failed });
  if (!json) await begin(client, options, printer);
  if (live && !speak) note('Neither aplay nor ffplay is here to play replies: they are only written.');
  leaveOnInterrupt(leaving, { client, player, endless });

  const voice = createVoice({ player, save, endless: endless !== undefined, note });
  let failed = false;
  let left = options.turns ?? Number.POSITIVE_INFINITY;
  for (const say of says) {
    for await (const said of say(client)) {
      const problem = await tell(said, { client, printer, voice, leaving: leaving.signal });
      if (problem) failed = true;
      if (problem?.kind === 'disconnected') {
        if (!endless) return 3;
        await Promise.race([client.online(), once(leaving.signal, 'abort')]);
      }
      if (--left <= 0) leaving.abort();
      if (leaving.signal.aborted) break;
    }
  }
  if (options.end) printer.ended(await client.end());
  await voice.finish();
  return failed ? 1 : 0;
}

async function begin(client: VoiceClient, { url, token, sessionId }: TalkOptions, printer: Printer): Promise<void> {
  const rest = createRest({ url, token, ledger: client.ledger });
  const remembered = sessionId === undefined ? undefined : (await rest.history(sessionId, { limit: 1 })).count > 0;
  printer.begin(client.sessionId, await rest.info(), remembered);
}

/** What went wrong, and the exit code that says so. */
function explain(error: unknown): [message: string, code: number] {
  if (error instanceof UsageError) return [`${error.message}\nnpm run talk -- --help tells more.`, 2];
  if (!(error instanceof ProblemError))
    return [error instanceof Error ? (error.stack ?? error.message) : `${error}`, 1];
  if (error.kind === 'unauthorized') return [`${error.kind}: ${error.message} Give it with --token or AGENT_TOKEN.`, 3];
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
