import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { STOP_WORDS } from '../../src/conversation/stop-words.ts';
import { summarize } from '../../src/conversation/summary.ts';
import { oddText, seeded } from '../support/random.ts';

const LESSON = [
  {
    userText: 'what is a binary search',
    agentText: 'A binary search halves a sorted list again and again. Think of a phone book.',
  },
  {
    userText: 'why does the list have to be sorted',
    agentText: 'In a sorted list everything smaller is on the left. Does that help?',
  },
  { userText: "thanks that's all for today", agentText: 'We covered a lot. See you next time!' },
];

describe('summarize', () => {
  test('names the topics and repeats the most central sentence', () => {
    const summary = summarize(LESSON);
    assert.deepEqual(summary.topics.slice(0, 2), ['binary search', 'sorted list']);
    assert.equal(summary.remember, 'A binary search halves a sorted list again and again.');
  });

  test('prefers what the learner understood', () => {
    const insight = 'now i understand binary search needs a sorted list';
    assert.equal(summarize([...LESSON, { userText: insight, agentText: 'Exactly.' }]).remember, insight);
  });

  test('never remembers questions, goodbyes, broken-off or overlong sentences', () => {
    const heaps = `Heaps ${'of heaps '.repeat(40)}end.`;
    assert.equal(summarize([{ userText: 'what is a heap of heaps', agentText: heaps }]).remember, '');
    assert.equal(summarize([{ userText: 'heaps', agentText: 'A heap of heaps is a' }]).remember, '');
    assert.equal(summarize([{ userText: 'heaps', agentText: 'Is a heap of heaps a heap?' }]).remember, '');
  });

  test('of nothing is nothing', () => {
    assert.deepEqual(summarize([]), { topics: [], remember: '' });
    assert.deepEqual(summarize([{ userText: 'hi', agentText: 'Hello!' }]), { topics: [], remember: '' });
  });

  test('takes a sentence that was said, in at most 200 characters, and topics without stop words', () => {
    const random = seeded(17);
    for (let round = 0; round < 200; round++) {
      const talk = Array.from({ length: 4 }, () => ({ userText: oddText(random, 25), agentText: oddText(random, 60) }));
      const { topics, remember } = summarize(talk);
      assert.ok(remember.length <= 200);
      const said = talk.map(({ userText, agentText }) => `${userText}\n${agentText}`.replace(/\s+/g, ' '));
      assert.ok(said.some((text) => text.includes(remember)));
      assert.ok(topics.every((topic) => topic.split(' ').every((word) => !STOP_WORDS.has(word.toLowerCase()))));
    }
  });
});
