import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSentenceSplitter, sentencesOf } from '../../src/conversation/sentences.ts';
import { oddText, seeded } from '../support/random.ts';

const trimmed = (text: string): string[] => sentencesOf(text).map((sentence) => sentence.trim());

/** What comes out of a text at once, soft breaks included. */
const spoken = (text: string): string[] => streamed(text, () => text.length);

/** What comes out when a text arrives in pieces of the given lengths. */
function streamed(text: string, lengths: () => number): string[] {
  const splitter = createSentenceSplitter();
  const out: string[] = [];
  for (let at = 0; at < text.length; ) {
    const next = at + Math.max(1, lengths());
    out.push(...splitter.push(text.slice(at, next)));
    at = next;
  }
  return [...out, ...splitter.flush()];
}

describe('sentences', () => {
  test('end at full stops, question and exclamation marks', () => {
    assert.deepEqual(trimmed('A heap is a tree. Really? Yes! It is.'), [
      'A heap is a tree.',
      'Really?',
      'Yes!',
      'It is.',
    ]);
  });

  for (const whole of [
    'Dr. Smith met Mrs. Jones.',
    'Use a map, e.g. Redis, or a tree, i.e. an index.',
    'Pi is 3.14 and e is 2.718 or so.',
    'J. R. R. Tolkien wrote it.',
    'See Fig. 3 in Prof. Ada vs. Bob.',
    'No. 5 Apples is a shop.',
    '1. Mix the flour.',
    'It takes two steps: 1. Mix the flour.',
    'The U.S. is large.',
    'He said "no." and left.',
    'Read node.js docs at example.org today.',
  ]) {
    test(`${whole} is one`, () => assert.deepEqual(sentencesOf(whole), [whole]));
  }

  test('a list number belongs to its item', () => {
    assert.deepEqual(trimmed('1. Mix flour. 2. Bake it.'), ['1. Mix flour.', '2. Bake it.']);
  });

  test('the words no and I end a sentence where they stand for themselves', () => {
    assert.deepEqual(trimmed('The answer is no. Then stop.'), ['The answer is no.', 'Then stop.']);
    assert.deepEqual(trimmed('So do I. Then stop.'), ['So do I.', 'Then stop.']);
  });

  test('a sentence comes out with the first letter after it, the last one with flush', () => {
    const splitter = createSentenceSplitter();
    assert.deepEqual(splitter.push('A heap is a tree'), []);
    assert.deepEqual(splitter.push('. '), []);
    assert.deepEqual(splitter.push('It'), ['A heap is a tree. ']);
    assert.deepEqual(splitter.push(' is full.'), []);
    assert.deepEqual(splitter.flush(), ['It is full.']);
    assert.deepEqual(splitter.flush(), []);
  });

  test('a full stop inside a number is none, however the pieces fall', () => {
    const splitter = createSentenceSplitter();
    assert.deepEqual(splitter.push('Pi is 3.'), []);
    assert.deepEqual(splitter.push('14 or so. '), []);
    assert.deepEqual(splitter.flush(), ['Pi is 3.14 or so. ']);
  });

  test('a long sentence is broken at a comma, else at a blank, before it ends', () => {
    const clause = 'a node that points to another node';
    const long = Array(12).fill(clause).join(', ');
    const splitter = createSentenceSplitter();
    const early = splitter.push(long);
    assert.ok(early.length > 0, 'speech can start');
    assert.ok(early.every((piece) => piece.endsWith(', ')));
    const blanks = spoken('word '.repeat(200));
    assert.ok(blanks.length > 3);
    assert.ok(blanks.every((piece) => piece.length <= 240 && piece.endsWith('word ')));
  });

  test('a whole text is split at its sentences only', () => {
    const long = 'word '.repeat(200);
    assert.deepEqual(sentencesOf(long), [long]);
  });

  test('even a word without end is broken, never inside a character', () => {
    const pieces = spoken(`x${'😀'.repeat(400)}`);
    assert.ok(pieces.length > 2);
    assert.ok(pieces.every((piece) => piece.isWellFormed()));
  });

  test('an end that only what comes next can tell is waited for, past the limit too', () => {
    for (const next of ['Then it goes on.', 'then it goes on.']) {
      const text = `It is No. one. ${'5 '.repeat(130)}${next}`;
      assert.deepEqual(
        streamed(text, () => 1),
        spoken(text),
      );
    }
  });

  test('nothing in, nothing out', () => {
    assert.deepEqual(sentencesOf(''), []);
    assert.deepEqual(sentencesOf('  \n'), ['  \n']);
  });

  test('all output joined is the input, and where its pieces ended makes no difference', () => {
    const random = seeded(11);
    for (let round = 0; round < 1500; round++) {
      const text = oddText(random, round % 10 === 0 ? 200 : 25);
      const whole = spoken(text);
      assert.equal(sentencesOf(text).join(''), text);
      assert.equal(whole.join(''), text);
      assert.ok(!whole.includes(''));
      assert.deepEqual(
        streamed(text, () => 1),
        whole,
        JSON.stringify(text),
      );
      assert.deepEqual(
        streamed(text, () => Math.ceil(random() * 12)),
        whole,
        JSON.stringify(text),
      );
    }
  });
});
