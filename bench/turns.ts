import { parseArgs } from 'node:util';
import { measure, type Sample } from './measure.ts';
import { positive } from './options.ts';
import { report } from './report.ts';
import { type Agent, startAgent, startCollector, startLoad, startProviders } from './stack.ts';

const HELP = `npm run bench -- [options]

Measures the real agent process from outside, telemetry on (to a real collector) against off, in interleaved rounds.

  --seconds N    length of each window             (5)
  --rounds N     off/on rounds for each size       (5)
  --sessions A,B sizes of the saturating load      (1,10,50)
  --live N       seconds of 50 talks in real time (20; 0 leaves them out)
  --profile DIR  write a CPU profile of each agent there
  --json         print every sample as JSON instead of the tables
`;

const LIVE_TALKS = 50;
const LIVE_PACE = { transcribeMs: 300, tokenMs: 20 };
const WARM_UP_S = 4;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
    sessions: { type: 'string', default: '1,10,50' },
    live: { type: 'string', default: '20' },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit();
}
const seconds = positive('seconds', values.seconds);
const rounds = positive('rounds', values.rounds);
const sizes = values.sessions.split(',').map((size) => positive('sessions', size));
const liveS = values.live === '0' ? 0 : positive('live', values.live);

await using collector = await startCollector();
await using providers = await startProviders();
await using load = startLoad();
const common = {
  sandboxUrl: providers.url,
  otlpUrl: `http://127.0.0.1:${collector.ports.otlpHttp}`,
  ...(values.profile && { profileDir: values.profile }),
};
await using off = await startAgent({ mode: 'off', ...common });
await using on = await startAgent({ mode: 'on', ...common });
const parts = { load, providers, collector };
const say = (line: string) => process.stderr.write(`${line}\n`);

// The talks in real time come first: what memory they need would be lost under what saturation leaves behind.
const live: Sample[] = [];
if (liveS > 0) {
  await providers.pace(LIVE_PACE.transcribeMs, LIVE_PACE.tokenMs);
  for (const agent of [off, on]) {
    const talks = { sessions: LIVE_TALKS, live: true };
    say(`${LIVE_TALKS} talks in real time, telemetry ${agent.mode}, ${liveS} s`);
    await measure(agent, parts, { ...talks, seconds: WARM_UP_S });
    live.push(await measure(agent, parts, { ...talks, seconds: liveS }));
  }
  await providers.pace(0, 0);
}

say('Warming up');
for (const agent of [off, on]) await measure(agent, parts, { sessions: 10, seconds: WARM_UP_S, live: false });

const saturated: Sample[] = [];
for (let round = 0; round < rounds; round++) {
  for (const sessions of sizes) {
    say(`Round ${round + 1} of ${rounds}, ${sessions} sessions`);
    // The order turns with each round, so that what drifts hits both alike.
    const pair: Agent[] = round % 2 === 0 ? [off, on] : [on, off];
    for (const agent of pair) saturated.push(await measure(agent, parts, { sessions, seconds, live: false }));
  }
}

process.stdout.write(values.json ? `${JSON.stringify({ saturated, live }, null, 2)}\n` : report({ saturated, live }));
