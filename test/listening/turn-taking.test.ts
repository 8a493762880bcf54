import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FRAME_MS } from '../../src/listening/index.ts';
import { createTurnTaking, type TurnTakingSettings } from '../../src/listening/turn-taking.ts';

const times = (count: number, probability: number): number[] => Array(count).fill(probability);
const [SPEECH, BETWEEN, SILENCE] = [0.9, 0.4, 0.05];

/** Every event and the frame that brought it. */
function events(probabilities: number[], settings: Partial<TurnTakingSettings> = {}): [string, frame: number][] {
  const turnTaking = createTurnTaking(settings);
  return probabilities.flatMap((probability, index) => {
    const { event } = turnTaking(probability);
    return event ? [[event, index + 1] as [string, number]] : [];
  });
}

test('160 ms of speech begin a turn, 600 ms of silence end it', () => {
  assert.deepEqual(events([...times(10, SILENCE), ...times(20, SPEECH), ...times(30, SILENCE)]), [
    ['started', 10 + 160 / FRAME_MS],
    ['ended', 30 + Math.ceil(600 / FRAME_MS)],
  ]);
});

test('less speech is a misfire, however often it comes', () => {
  const knock = [...times(4, SPEECH), ...times(6, SILENCE)];
  assert.deepEqual(events([...knock, ...knock, ...knock]), [
    ['misfire', 8],
    ['misfire', 18],
    ['misfire', 28],
  ]);
});

test('a gap inside the first syllables is bridged', () => {
  assert.deepEqual(events([...times(3, SPEECH), ...times(3, SILENCE), ...times(2, SPEECH)]), [['started', 8]]);
});

test('what lies between the thresholds begins nothing, ends nothing, and does not undo a silence', () => {
  assert.deepEqual(events(times(100, BETWEEN)), []);
  const spoken = times(5, SPEECH);
  assert.deepEqual(events([...spoken, ...times(100, BETWEEN)]), [['started', 5]]);
  assert.deepEqual(events([...spoken, SILENCE, ...times(30, BETWEEN)]), [
    ['started', 5],
    ['ended', 24],
  ]);
});

test('a pause is counted anew after each word', () => {
  const word = [...times(5, SPEECH), ...times(18, SILENCE)];
  assert.deepEqual(events([...word, ...word, ...word, SILENCE]), [
    ['started', 5],
    ['ended', 70],
  ]);
});

test('who speaks for ever is cut at the longest length, and goes on in another turn', () => {
  const found = events(times(3500, SPEECH));
  assert.deepEqual(found.slice(0, 3), [
    ['started', 5],
    ['full', Math.ceil(55_000 / FRAME_MS)],
    ['started', Math.ceil(55_000 / FRAME_MS) + 5],
  ]);
});

test('every setting moves what it names', () => {
  const sound = [...times(20, SPEECH), ...times(40, SILENCE)];
  assert.deepEqual(events(sound, { sustainMs: 320, redemptionMs: 320, maxMs: 10_000 }), [
    ['started', 10],
    ['ended', 30],
  ]);
  assert.deepEqual(events(sound, { maxMs: 480 })[1], ['full', 15]);
  assert.deepEqual(events(times(40, BETWEEN), { positive: 0.3, negative: 0.2 }), [['started', 5]]);
});
