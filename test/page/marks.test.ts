import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMarks } from '../../src/page/marks.ts';

test('marks count from the end of speech, whichever of the two is known first', () => {
  const marks = createMarks();
  marks.set('firstWord', 5300);
  marks.endOfSpeech(5000);
  marks.set('done', 6250);
  assert.equal(marks.get('firstWord'), 300);
  assert.equal(marks.get('done'), 1250);
});

test('the first time that something is noted counts, and what never came has none', () => {
  const marks = createMarks();
  marks.endOfSpeech(1000);
  marks.set('firstSound', 1400);
  marks.set('firstSound', 1900);
  assert.equal(marks.get('firstSound'), 400);
  assert.equal(marks.get('firstWord'), undefined);
});

test('what came before the end of speech came at once', () => {
  const marks = createMarks();
  marks.set('accepted', 900);
  marks.endOfSpeech(1000);
  assert.equal(marks.get('accepted'), 0);
});

test('without an end of speech, as in writing, everything counts from the moment the marks were made', () => {
  const before = performance.now();
  const marks = createMarks();
  const after = performance.now();
  marks.set('done', before + 1000);
  const done = marks.get('done') ?? 0;
  assert.ok(done <= 1000 && done >= 1000 - (after - before), `${done}`);
  marks.set('firstWord');
  assert.ok((marks.get('firstWord') ?? -1) <= performance.now() - before);
});
