import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect, type VoiceClient } from '../src/client/index.ts';
import { positive } from './options.ts';
import { startAgent, startCollector } from './stack.ts';
import { measureInBrowser } from './voice/browser.ts';
import { browserReport } from './voice/browser-report.ts';
import { type HeardTurn, type Speech, sayAndHear, speeches } from './voice/learner.ts';
import { type Run, report } from './voice/report.ts';

const HELP = `npm run bench:voice -- [options]

Measures how long a learner waits: from the end of speech to the first word and to the first sound. Real recordings at
the pace of speech, the real agent process with telemetry on, its sandbox with the real recogniser and synthesiser.

  --turns N   spoken turns of each talk    (30)
  --talks N   talks at once                (1)
  --browser   in the real page in Chromium: hands-free, push to talk and barge-in, N of each (20); no --talks
  --json      print every turn as JSON instead of the tables
`;

/** Between a reply and the learner's next word. */
const PAUSE_MS = 300;

const { values } = parseArgs({
  options: {
    turns: { type: 'string' },
    talks: { type: 'string', default: '1' },
    browser: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit();
}
const count = Math.ceil(positive('turns', values.turns ?? (values.browser ? '20' : '30')));
const talks = Math.ceil(positive('talks', values.talks));
const say = (line: string) => process.stderr.write(`${line}\n`);

if (values.browser) {
  if (talks > 1) throw new Error(`--talks ${talks}: one talk at a time is measured in the browser; leave it out.`);
  const run = await measureInBrowser({ turns: count, say });
  process.stdout.write(values.json ? `${JSON.stringify(run, null, 2)}\n` : browserReport(run));
  process.exit();
}

const [before = Number.NaN] = loadavg();
const said = await speeches();
await using collector = await startCollector();
await using agent = await startAgent({ mode: 'on', otlpUrl: `http://127.0.0.1:${collector.ports.otlpHttp}` });

say(`Warming up: each of ${said.length} recordings once`);
await talk({ turns: said.length, offset: 0 });

say(`${talks} talk${talks === 1 ? '' : 's'} of ${count} turns`);
const numbers = Array.from({ length: talks }, (_, number) => number);
const turns = (await Promise.all(numbers.map((number) => talk({ turns: count, offset: number })))).flat();
if (turns.length !== talks * count) throw new Error(`${turns.length} turns were answered instead of ${talks * count}.`);
const [after = Number.NaN] = loadavg();

const run: Run = { talks, turns, load: { before, after } };
process.stdout.write(values.json ? `${JSON.stringify(run, null, 2)}\n` : report(run));

/** One session from its start to its end; talks begin at different recordings, and a second apart. */
async function talk({ turns, offset }: { turns: number; offset: number }): Promise<HeardTurn[]> {
  await sleep(offset * 1000);
  using client: VoiceClient = await connect({ url: agent.url, speak: true });
  const heard: HeardTurn[] = [];
  while (heard.length < turns) {
    const speech = said[(offset + heard.length) % said.length] as Speech;
    try {
      heard.push(await sayAndHear(client, speech));
    } catch (thrown) {
      const which = `Turn ${heard.length + 1} of talk ${offset + 1} (${speech.name})`;
      throw new Error(`${which} was not answered: ${(thrown as Error).message}`, { cause: thrown });
    }
    await sleep(PAUSE_MS);
  }
  await client.end();
  return heard;
}
