import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MANNER, promptFor } from '../../src/conversation/manner.ts';

const exchange = (n: number) => ({ userText: `question ${n}`, agentText: `answer ${n}` });

test('a prompt holds the exchanges as turns, newest last, then what the learner says', () => {
  assert.deepEqual(promptFor([exchange(1), exchange(2)], 'and now'), {
    system: MANNER,
    messages: [
      { role: 'user', content: 'question 1' },
      { role: 'assistant', content: 'answer 1' },
      { role: 'user', content: 'question 2' },
      { role: 'assistant', content: 'answer 2' },
      { role: 'user', content: 'and now' },
    ],
  });
});

test('the system prompt is the same in every call, so that it can be cached', () => {
  assert.equal(promptFor([], 'a').system, promptFor([exchange(1)], 'b').system);
});

test('an exchange with a blank side is left out whole, so that roles alternate', () => {
  const { messages } = promptFor([exchange(1), { userText: 'broken off', agentText: ' \n' }], 'again');
  assert.deepEqual(
    messages.map(({ role }) => role),
    ['user', 'assistant', 'user'],
  );
});

test('a broken-off reply goes without the blank it ends with, which the provider would refuse', () => {
  assert.equal(promptFor([{ userText: 'why', agentText: 'Because it ' }], 'go on').messages[1]?.content, 'Because it');
});

test('it asks for what a voice can say', () => {
  for (const rule of [/two or three short sentences/, /one clarifying question/, /goodbye/, /no markdown/, /energy/]) {
    assert.match(MANNER, rule);
  }
  assert.doesNotMatch(MANNER, /[*_#`]|^\s*- /m);
});
