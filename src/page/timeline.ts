import type { WireTimings } from '../client/index.ts';
import type { Mark, Marks } from './marks.ts';

const STAGE_NAMES: [stage: keyof WireTimings['stages_ms'], name: string][] = [
  ['other', 'other'],
  ['transcribe', 'transcribed'],
  ['context', 'context'],
  ['think', 'thought'],
  ['speak', 'rest spoken'],
  ['store', 'stored'],
];
const MOMENTS: [mark: Mark, name: string][] = [
  ['firstWord', 'first word'],
  ['firstSound', 'first sound'],
  ['done', 'done'],
];

/** `start` and `ms` from the end of speech; a moment has no length. */
export type Row = { name: string; start: number; ms: number; moment: boolean };

/**
 * Where a turn's time went, in the order of its beginning: what the agent says of its stages, on the learner's clock,
 * between the moments that the learner perceived. `other` is mostly the wait for an earlier turn, so it lies first.
 */
export function rowsOf(timings: WireTimings, marks: Pick<Marks, 'get'>): Row[] {
  const sent = Math.min(marks.get('accepted') ?? 0, Math.max(0, (marks.get('done') ?? 0) - timings.total_ms));
  const rows: Row[] = [{ name: 'sent', start: 0, ms: sent, moment: false }];
  let start = sent;
  for (const [stage, name] of STAGE_NAMES) {
    const ms = timings.stages_ms[stage];
    if (ms > 0) rows.push({ name, start, ms, moment: false });
    start += ms;
  }
  for (const [mark, name] of MOMENTS) {
    const at = marks.get(mark);
    if (at !== undefined) rows.push({ name, start: at, ms: 0, moment: true });
  }
  return rows.sort((a, b) => a.start - b.start || a.ms - b.ms);
}
