import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireTimings } from '../../src/client/index.ts';
import type { Mark } from '../../src/page/marks.ts';
import { rowsOf } from '../../src/page/timeline.ts';

const timings = (stages: Partial<WireTimings['stages_ms']>): WireTimings => {
  const stages_ms = { transcribe: 0, context: 0, think: 0, speak: 0, store: 0, other: 0, ...stages };
  const total_ms = Object.values(stages_ms).reduce((sum, ms) => sum + ms);
  return { total_ms, first_text_ms: null, first_sound_ms: null, stages_ms };
};
const marks = (times: Partial<Record<Mark, number>>) => ({ get: (mark: Mark) => times[mark] });
const short = (...told: Parameters<typeof rowsOf>) =>
  rowsOf(...told).map(({ name, start, ms, moment }) => (moment ? [name, start] : [name, start, ms]));

test('a spoken turn: stages follow one another from when it was sent, with the learner’s moments between them', () => {
  const stages = timings({ other: 10, transcribe: 300, context: 20, think: 500, speak: 100, store: 5 });
  const perceived = marks({ accepted: 40, firstWord: 610, firstSound: 720, done: 990 });
  assert.deepEqual(short(stages, perceived), [
    ['sent', 0, 40],
    ['other', 40, 10],
    ['transcribed', 50, 300],
    ['context', 350, 20],
    ['thought', 370, 500],
    ['first word', 610],
    ['first sound', 720],
    ['rest spoken', 870, 100],
    ['stored', 970, 5],
    ['done', 990],
  ]);
});

test('the wait for an earlier turn comes first, and stages that took no time are left out', () => {
  const stages = timings({ other: 2000, think: 400, store: 3 });
  assert.deepEqual(short(stages, marks({ accepted: 5, done: 2410 })), [
    ['sent', 0, 5],
    ['other', 5, 2000],
    ['thought', 2005, 400],
    ['stored', 2405, 3],
    ['done', 2410],
  ]);
});

test('an acceptance that came late, behind a busy network, puts no stage behind the end', () => {
  const stages = timings({ think: 400, store: 100 });
  const rows = rowsOf(stages, marks({ accepted: 300, done: 650 }));
  assert.deepEqual(rows[0], { name: 'sent', start: 0, ms: 150, moment: false });
  const last = rows.find(({ name }) => name === 'stored');
  assert.equal((last?.start ?? 0) + (last?.ms ?? 0), 650, 'the agent was done when the page heard it');
});

test('a turn that took longer at the agent than since the end of speech began while it was being said', () => {
  const [sent] = rowsOf(timings({ think: 400 }), marks({ accepted: 20, done: 390 }));
  assert.deepEqual(sent, { name: 'sent', start: 0, ms: 0, moment: false });
});

test('what the learner did not perceive has no row, and what falls together lies moment before stage', () => {
  const rows = short(timings({ think: 400, store: 2 }), marks({ accepted: 0, firstWord: 400, done: 402 }));
  assert.deepEqual(rows, [
    ['sent', 0, 0],
    ['thought', 0, 400],
    ['first word', 400],
    ['stored', 400, 2],
    ['done', 402],
  ]);
});
