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
    const { event } = turnTaking.next(probability);
    return event ? [[event, index + 1] as [string, number]] : [];
  });
}

test('160 ms of speech begin a turn, 600 ms of silence end it', () => {
  assert.deepEqual(events([...times(10, SILENCE), ...times(20, SPEECH), ...times(30, SILENCE)]), [
    ['started', 10 + 160 / FRAME_MS],
    ['ended', 30 + Math.ceil(600 / FRAME_MS)],
  ]);
});

test('less speech begins none, however often it comes', () => {
  const knock = [...times(4, SPEECH), ...times(4, SILENCE)];
  assert.deepEqual(events([...knock, ...knock, ...knock]), []);
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

/** Whether each turn that begins goes on with the one before. */
function continues(probabilities: number[]): (boolean | undefined)[] {
  const turnTaking = createTurnTaking({ maxMs: 960 });
  return probabilities.flatMap((probability) => {
    const { event, continues } = turnTaking.next(probability);
    return event === 'started' ? [continues] : [];
  });
}

test('what follows a full turn continues it, unless a pause as ends a turn lies between', () => {
  assert.deepEqual(continues(times(70, SPEECH)), [false, true, true]);
  assert.deepEqual(continues([...times(30, SPEECH), ...times(18, SILENCE), ...times(10, SPEECH)]), [false, true]);
  assert.deepEqual(continues([...times(30, SPEECH), ...times(19, SILENCE), ...times(10, SPEECH)]), [false, false]);
  const acrossTheCut = [...times(25, SPEECH), ...times(5, SILENCE), ...times(14, SILENCE), ...times(10, SPEECH)];
  assert.deepEqual(continues(acrossTheCut), [false, false], 'silence before the cut counts');
  const click = [...times(18, SILENCE), SPEECH, ...times(18, SILENCE)];
  assert.deepEqual(
    continues([...times(30, SPEECH), ...click, ...times(10, SPEECH)]),
    [false, true],
    'as inside a turn',
  );
});

/** Every event and its frame, where the turn is discarded after so many frames. */
function discardedAfter(frames: number, probabilities: number[], settings: Partial<TurnTakingSettings> = {}) {
  const turnTaking = createTurnTaking(settings);
  return probabilities.flatMap((probability, index) => {
    if (index === frames) turnTaking.discard();
    const { event } = turnTaking.next(probability);
    return event ? [[event, index + 1]] : [];
  });
}

test('what is discarded ends in no turn, and begins none before there has been a silence', () => {
  const said = [...times(60, SPEECH), ...times(18, SILENCE), ...times(20, SPEECH)];
  assert.deepEqual(discardedAfter(10, said), [['started', 5]]);
  assert.deepEqual(discardedAfter(10, [...said, ...times(19, SILENCE), ...times(5, SPEECH)]), [
    ['started', 5],
    ['started', said.length + 24],
  ]);
  const paused = [...times(10, SPEECH), ...times(19, SILENCE), ...times(5, SPEECH)];
  assert.deepEqual(discardedAfter(20, paused).at(-1), ['started', 34], 'the silence until then counts');
});

test('discarding takes along what may be a beginning, and what goes on after a full turn', () => {
  assert.deepEqual(discardedAfter(3, times(40, SPEECH)), []);
  assert.deepEqual(discardedAfter(30, times(60, SPEECH), { maxMs: 960 }), [
    ['started', 5],
    ['full', 30],
  ]);
});

test('where nobody speaks there is nothing to discard', () => {
  assert.deepEqual(discardedAfter(10, [...times(10, SILENCE), ...times(5, SPEECH)]), [['started', 15]]);
});
