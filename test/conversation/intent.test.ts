import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classifyIntent } from '../../src/conversation/intent.ts';
import { INTENTS } from '../../src/conversation/ports.ts';
import { oddText, seeded } from '../support/random.ts';
import { CASES } from './intent-cases.ts';

/** What is told apart by its punctuation only: a recogniser's version of it reads as a statement. */
const NEEDS_PUNCTUATION = new Set([
  'TCP is reliable？',
  'Mercury, Venus, and Mars',
  'apples, pears and plums',
  'The primary colors are red, green and blue.',
  'I packed socks, shirts, and a hat',
  '1. mix\n2. bake',
  '- stacks\n- queues',
]);

const recognised = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[?.!,;:"“”…—？]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

describe('classifyIntent', () => {
  for (const intent of INTENTS) {
    for (const text of CASES[intent]) {
      test(`${JSON.stringify(text)} is ${intent}`, () => {
        assert.equal(classifyIntent(text), intent);
      });
    }
  }

  test('case and the form of apostrophes make no difference', () => {
    for (const intent of INTENTS) {
      for (const text of CASES[intent]) {
        assert.equal(classifyIntent(text.toUpperCase()), intent, text.toUpperCase());
        assert.equal(classifyIntent(text.replaceAll("'", '’')), intent, text);
      }
    }
  });

  test('without punctuation the intent is the same, or a statement where only punctuation told', () => {
    for (const intent of INTENTS) {
      for (const text of CASES[intent]) {
        const expected = NEEDS_PUNCTUATION.has(text) ? 'statement' : intent;
        assert.equal(classifyIntent(recognised(text)), expected, recognised(text));
      }
    }
  });

  test('the first of several wins, in the order of INTENTS', () => {
    assert.equal(classifyIntent('Now I understand it, is that all? Thanks, goodbye!'), 'end_conversation');
    assert.equal(classifyIntent('First mix, then bake, but why?'), 'question');
    assert.equal(classifyIntent('First I was lost, then I got it. Now I understand it.'), 'listing');
  });

  test('any text has an intent, and no text takes long', () => {
    const random = seeded(7);
    for (let round = 0; round < 2000; round++) {
      assert.ok(INTENTS.includes(classifyIntent(oddText(random, 30))));
    }
    for (const unit of ['thank you ', 'all right ', 'a and ', 'i see it ', 'x', 'a, ', 'what is ', 'bye ']) {
      assert.ok(INTENTS.includes(classifyIntent(unit.repeat(5000))));
    }
  });
});
