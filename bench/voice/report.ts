import { STAGES } from '../../src/conversation/ports.ts';
import { quantile, table } from '../report.ts';
import { type HeardTurn, MOMENTS, type Moment } from './learner.ts';

/** Milliseconds to the first sound at the median: what the agent aims for. */
const AIM_MS = 1500;

/** What a run measured, and the machine's load average of the minute before it and at its end. */
export type Run = { talks: number; turns: HeardTurn[]; load: { before: number; after: number } };

/** The way to the first sound in parts that do not overlap: together they are what the learner waits. */
const PATH: [name: string, read: (turn: HeardTurn) => number][] = [
  ['transcription', ({ agent }) => agent.stages_ms.transcribe],
  ['context', ({ agent }) => agent.stages_ms.context],
  [
    'first word of the reply',
    ({ agent }) => Number(agent.first_text_ms) - agent.stages_ms.transcribe - agent.stages_ms.context,
  ],
  ['rest of its first sentence', written],
  ['voice of that sentence', (turn) => between(turn) - written(turn)],
  ['between learner and agent', ({ seen, agent }) => seen['first sound'] - Number(agent.first_sound_ms)],
];

/** What the agent and the learner's side both measure. */
const BOTH: [moment: Moment, agent: (turn: HeardTurn) => number][] = [
  ['first word', ({ agent }) => Number(agent.first_text_ms)],
  ['first sound', ({ agent }) => Number(agent.first_sound_ms)],
  ['reply', ({ agent }) => agent.total_ms],
];

/** The tables that `npm run bench:voice` prints. */
export function report(run: Run): string {
  const { turns, talks, load } = run;
  const sound = turns.map(({ seen }) => seen['first sound']);
  const p50 = quantile(sound, 0.5);
  const seen = MOMENTS.map((moment) => {
    const values = turns.map((turn) => turn.seen[moment]);
    return [moment, ...spread(values), percent(quantile(values, 0.5) / p50)];
  });
  const path = PATH.map(([name, read]) => [name, ...spread(turns.map(read)), percent(shareOf(turns, read))]);
  const stages = STAGES.map((stage) => [stage, ...spread(turns.map(({ agent }) => agent.stages_ms[stage]))]);
  const gaps = BOTH.map(([moment, read]) => {
    const gap = turns.map((turn) => turn.seen[moment] - read(turn));
    return [moment, ...spread(turns.map(read)), ...spread(gap, 1)];
  });
  const speech = turns.map(({ speechMs }) => speechMs / 1000);
  const how = `${turns.length} turns, ${talks} talk${talks === 1 ? '' : 's'} at once`;
  const lengths = `${Math.min(...speech).toFixed(1)} to ${Math.max(...speech).toFixed(1)} s of speech each`;
  const head = `${how}, ${lengths}; load average ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after`;
  return [
    `\n${head}\n\n${NOTES}`,
    `As the learner perceives it\n\n${table([['ms from the end of speech', 'p50', 'p95', 'of first sound'], ...seen])}`,
    `The way to the first sound\n\n${table([['ms', 'p50', 'p95', 'share'], ...path])}`,
    `The agent's own account of the whole turn\n\n${table([['stage ms', 'p50', 'p95'], ...stages])}`,
    `How far the two views lie apart\n\n${table([['ms', 'agent p50', 'p95', 'learner later by p50', 'p95'], ...gaps])}`,
    `${verdict(turns, p50)}\n`,
  ].join('\n');
}

const NOTES = `Speech is handed over in chunks of 100 ms at its own pace; it ends when the last chunk is. A learner speaks again as soon
as the reply is complete, without listening to it: several talks load the machine more than as many listeners would.
Shares are of the time of all turns together, so that they add up; medians do not.
`;

/** The measured median against the aim, and what bounds it. */
function verdict(turns: HeardTurn[], p50: number): string {
  const [name, share] = PATH.map(([name, read]) => [name, shareOf(turns, read)] as const).reduce((most, part) =>
    part[1] > most[1] ? part : most,
  );
  const aim = `the aim of ${(AIM_MS / 1000).toFixed(1)} s`;
  const kept = p50 <= AIM_MS ? `within ${aim}` : `${((p50 - AIM_MS) / 1000).toFixed(2)} s over ${aim}`;
  return `First sound after ${(p50 / 1000).toFixed(2)} s at the median: ${kept}. Most of it is ${name}, ${percent(share)}.`;
}

function between({ agent }: HeardTurn): number {
  return Number(agent.first_sound_ms) - Number(agent.first_text_ms);
}

/** From the first word to the end of the first sentence, as it arrived. */
function written({ seen }: HeardTurn): number {
  return seen['first sentence'] - seen['first word'];
}

function shareOf(turns: HeardTurn[], read: (turn: HeardTurn) => number): number {
  const sum = (of: (turn: HeardTurn) => number) => turns.reduce((total, turn) => total + of(turn), 0);
  return sum(read) / sum(({ seen }) => seen['first sound']);
}

const spread = (values: number[], digits = 0): string[] =>
  [0.5, 0.95].map((share) => quantile(values, share).toFixed(digits));

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
