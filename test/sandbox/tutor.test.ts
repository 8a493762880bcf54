import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topicOf } from '../../src/sandbox/topics.ts';
import { replyTo } from '../../src/sandbox/tutor.ts';

/** A whole talk: what the learner says turn by turn, and what the tutor answered to each. */
function talk(said: string[], system = ''): string[] {
  const turns: { role: string; text: string }[] = [];
  return said.map((text) => {
    turns.push({ role: 'user', text });
    const reply = replyTo({ system, turns });
    turns.push({ role: 'assistant', text: reply });
    return reply;
  });
}

const sentences = (text: string) => [...new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text)].length;
const questions = (text: string) => text.split('?').length - 1;

const VAGUE = [
  'hello',
  'help',
  'I don’t get it',
  'tell me more',
  'something about science',
  'programming',
  'I am stuck on pointers',
  '',
];
const CLEAR = [
  'What is photosynthesis?',
  'Is TCP reliable?',
  'how do black holes form',
  'I think the Romans built good roads',
  'compare stacks with queues',
];

test('the topic is picked out of the learner’s words', () => {
  const table: Record<string, string | undefined> = {
    'What is photosynthesis?': 'photosynthesis',
    'Is TCP reliable?': 'TCP',
    'how do black holes form': 'black holes',
    'why is the sky blue': 'sky',
    'why do leaves turn red': 'leaves',
    'tell me about the roman empire': 'roman empire',
    "What's the difference between a stack and a queue?": 'stack and queue',
    'is machine learning hard': 'machine learning',
    'I am stuck on pointers in C++': 'pointers',
    'I learned about recursion yesterday': 'recursion',
    'tell me more about it please': undefined,
    'I don’t get it': undefined,
    '': undefined,
    '!!! ???': undefined,
  };
  for (const [text, topic] of Object.entries(table)) assert.equal(topicOf(text), topic, text);
});

test('every reply has two or three sentences, and is the same for the same words', () => {
  for (const text of [...VAGUE, ...CLEAR, 'goodbye', 'wow, recursion!']) {
    for (const before of [[], ['What is a queue?'], ['What is a queue?', 'and a stack?']]) {
      const reply = talk([...before, text]).at(-1) ?? '';
      assert.ok([2, 3].includes(sentences(reply)), `${text}: ${reply}`);
      assert.equal(talk([...before, text]).at(-1), reply);
    }
  }
});

test('a vague learner is asked one question, a clear one none', () => {
  for (const text of VAGUE) assert.equal(questions(talk([text])[0] ?? ''), 1, text);
  for (const text of CLEAR) assert.equal(questions(talk([text])[0] ?? ''), 0, text);
});

test('vague words within a topic are asked about that topic, each time differently', () => {
  const asked = talk(['What is photosynthesis?', 'I am confused', 'tell me more']).map((reply) =>
    reply.split('. ').at(-1),
  );
  const [, second, third] = asked;
  assert.match(second ?? '', /photosynthesis/);
  assert.match(third ?? '', /photosynthesis/);
  assert.notEqual(second, third);
});

test('a clear reply names the topic, and ties it to an earlier one', () => {
  const replies = talk(['What is photosynthesis?', 'How does chlorophyll work?', 'How does it work?']);
  assert.match(replies[0] ?? '', /photosynthesis/);
  assert.match(replies[1] ?? '', /chlorophyll.*photosynthesis earlier/);
  assert.match(replies[2] ?? '', /chlorophyll/, 'a pronoun means the latest topic');
  assert.match(
    talk(['What is osmosis?'], 'Be brief.\nEarlier topics: diffusion, cells.')[0] ?? '',
    /You brought up cells earlier/,
  );
});

test('energy is mirrored', () => {
  assert.match(talk(['Wow, recursion is amazing!'])[0] ?? '', /energy about recursion!/);
  assert.match(talk(['I am so confused about recursion'])[0] ?? '', /^No rush/);
  assert.match(talk(['Now I understand recursion'])[0] ?? '', /step forward with recursion/);
});

test('a goodbye is confirmed with the topics that there were, and no question', () => {
  const bye = "Thanks, I think I'm good for now";
  const reply = talk(['What is photosynthesis?', 'How does chlorophyll work?', 'tell me more', bye]).at(-1) ?? '';
  assert.match(reply, /we'll stop here.*We talked about photosynthesis and chlorophyll\./);
  assert.equal(questions(reply), 0);
  assert.match(talk(['bye'])[0] ?? '', /Bring me a topic next time/);
  assert.doesNotMatch(talk(['sing me a lullabye'])[0] ?? '', /stop here/);
});

test('packets that are lost are no learner who is lost', () => {
  const said = (text: string) => replyTo({ system: '', turns: [{ role: 'user', text }] });
  assert.match(said('Now I understand it, packets that are lost are sent again'), /real step forward/);
  assert.match(said("I'm lost with recursion"), /No rush/);
});
