import { quantile, table } from '../report.ts';
import type { BargeIn } from './barge-in.ts';
import { type PageTurn, SEEN, WAYS, type Way } from './page-learner.ts';

/** What a run in the browser measured, and the machine's load average of the minute before it and at its end. */
export type BrowserRun = {
  talks: Record<Way, PageTurn[]>;
  bargeIns: Record<'key' | 'voice', BargeIn[]>;
  load: { before: number; after: number };
};

/** The way to the first sound in parts that do not overlap: together they are what the learner waits. */
const PATH: [name: string, read: (turn: PageTurn) => number][] = [
  ['end noticed', ({ seen }) => seen['end noticed']],
  ['agent: first sound sent', ({ agent }) => agent.sound],
  [
    'way, decoding, silence before the voice',
    ({ seen, agent }) => seen['first sound'] - seen['end noticed'] - agent.sound,
  ],
];

/** What the page tells the agent, less what the bench perceived. */
const GAPS: [name: string, read: (turn: PageTurn) => number][] = [
  ['seen: first word', ({ seen, agent }) => agent.seen - seen['first word']],
  ['heard: first sound', ({ seen, agent }) => agent.heard - seen['first sound']],
];

/** The tables that `npm run bench:voice -- --browser` prints. */
export function browserReport({ talks, bargeIns, load }: BrowserRun): string {
  const [turns] = WAYS.map((way) => talks[way].length);
  const missed = Math.max(...WAYS.flatMap((way) => talks[way].map(({ missedMs }) => missedMs)));
  const how = `${turns} turns of each way in headless Chromium, ${bargeIns.key.length} barge-ins of each kind`;
  const head = `${how}; load average ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after`;
  const columns = (name: string, reads: [string, (turn: PageTurn) => number][]) =>
    table([
      [name, ...WAYS.flatMap((way) => [`${way} p50`, 'p95'])],
      ...reads.map(([name, read]) => [name, ...WAYS.flatMap((way) => spread(talks[way].map(read)))]),
    ]);
  const seen = SEEN.map((what) => [what, ({ seen }: PageTurn) => seen[what]] as [string, (turn: PageTurn) => number]);
  const broken = (['sent', 'silent'] as const).map((what) => [
    what === 'sent' ? 'interrupt sent' : 'silent',
    ...spread(bargeIns.key.map((found) => found[what])),
    ...spread(bargeIns.voice.map((found) => found[what])),
  ]);
  return [
    `\n${head}\n\n${NOTES}`,
    `As the learner perceives it\n\n${columns('ms from the last voiced sample', seen)}`,
    `The way to the first sound\n\n${columns('ms', PATH)}`,
    `What the page tells the agent, less what was perceived\n\n${columns('ms', GAPS)}`,
    `Barge-in\n\n${table([['ms', 'from Esc p50', 'p95', 'from the first voiced sample p50', 'p95'], ...broken])}`,
    `The ear missed at most ${missed.toFixed(0)} ms of a turn.\n`,
  ].join('\n');
}

const NOTES = `Speech ends with its last voiced sample: the last 10 ms with a tenth of the loudness of the loudest. Words count from the frame
that draws them, sound from when Web Audio sends it out; a device plays it 10 to 30 ms later.
`;

const spread = (values: number[]): string[] => [0.5, 0.95].map((share) => quantile(values, share).toFixed(0));
