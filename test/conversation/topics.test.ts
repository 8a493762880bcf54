import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { STOP_WORDS } from '../../src/conversation/stop-words.ts';
import { topics } from '../../src/conversation/topics.ts';
import { wordsIn } from '../../src/conversation/words.ts';
import { oddText, seeded } from '../support/random.ts';

describe('topics', () => {
  test('are what was said most, phrases before their words', () => {
    const texts = [
      'what is a binary search',
      'A binary search halves a sorted list again and again.',
      'why does the list have to be sorted',
      'In a sorted list everything smaller is on the left.',
      'Is tcp like binary search?',
      'TCP is not like it.',
    ];
    assert.deepEqual(topics(texts, 3), ['binary search', 'sorted list', 'TCP']);
  });

  test('are found in what a recogniser wrote', () => {
    assert.deepEqual(
      topics(['um so i was like wondering about the french revolution and uh you know the bastille'], 5),
      ['french revolution', 'bastille'],
    );
  });

  test('count singular and plural as one, and take the spelling with capitals where somebody used it', () => {
    assert.deepEqual(topics(['a loop', 'loops and loops', 'tcp', 'TCP', 'tcp'], 5), ['loops', 'TCP']);
  });

  test('keep names with signs in them', () => {
    assert.deepEqual(topics(['c++ and node.js and c#'], 5), ['c++', 'node.js', 'c#']);
  });

  test('a capital at the start of a sentence makes no name', () => {
    assert.deepEqual(topics(['Recursion calls itself.'], 1), ['recursion']);
    assert.deepEqual(topics(['We went to Paris.'], 1), ['Paris']);
  });

  test('there are none in small talk, numbers, or nothing', () => {
    assert.deepEqual(topics(["Hello! Thanks, I'm fine. I don't know.", 'um uh the of 42 3.14 1999 21st', ''], 5), []);
    assert.deepEqual(topics([], 5), []);
    assert.deepEqual(topics(['heap'], 0), []);
  });

  test('never hold a stop word, in any spelling, nor more than was asked for, nor what was not said', () => {
    const random = seeded(13);
    const stops = [...STOP_WORDS];
    for (let round = 0; round < 300; round++) {
      const texts = Array.from({ length: 4 }, () => {
        const word = stops[Math.floor(random() * stops.length)] ?? '';
        return `${oddText(random, 20)} ${word} ${word.toUpperCase()} ${word.replace("'", '’')} ${oddText(random, 20)}`;
      });
      const found = topics(texts, 5);
      assert.ok(found.length <= 5);
      assert.equal(new Set(found.map((topic) => topic.toLowerCase())).size, found.length);
      const said = wordsIn(texts.join('\n')).map((word) => word.toLowerCase());
      for (const word of found.flatMap((topic) => topic.split(' '))) {
        assert.ok(!STOP_WORDS.has(word.toLowerCase()), word);
        assert.ok(said.includes(word.toLowerCase()), word);
      }
    }
  });
});
