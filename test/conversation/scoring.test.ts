import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { INTENTS } from '../../src/conversation/ports.ts';
import { type EngagementTurn, engagement, quality } from '../../src/conversation/scoring.ts';
import { oddText, pick, seeded } from '../support/random.ts';

const inUnit = (scores: object): void => {
  for (const [name, value] of Object.entries(scores)) assert.ok(value >= 0 && value <= 1, `${name} is ${value}`);
};
const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

describe('quality of a reply', () => {
  test('is full for a short reply that takes the question up', () => {
    assert.deepEqual(quality('A heap is a tree. Do you want an example?', 'what is a heap'), {
      score: 1,
      relevance: 1,
      clarity: 1,
      brevity: 1,
      oneQuestion: 1,
    });
  });

  test('follows its formula', () => {
    const reply = `${Array(30).fill('Leaf').join(' ')}. ${Array(90).fill('Leaf').join(' ')}? Root? Root?`;
    const found = quality(reply, 'heap, leaf, mango and cactus');
    near(found.relevance, 1 / 3);
    near(found.clarity, (40 - 122 / 4) / 20);
    near(found.brevity, (180 - 122) / 120);
    near(found.oneQuestion, 1 / 3);
    near(found.score, 0.4 * found.relevance + 0.2 * (found.clarity + found.brevity + found.oneQuestion));
  });

  test('is 0 without words', () => {
    for (const reply of ['', '   ', '…', '👍']) assert.equal(quality(reply, 'what is a heap').score, 0);
  });

  test('does not ask for relevance where the learner named nothing', () => {
    assert.equal(quality('It keeps the smallest on top.', 'why').relevance, 1);
  });

  test('plural and case make no difference to relevance', () => {
    assert.equal(quality('TCP sends Packets.', 'tcp packet').relevance, 1);
  });

  for (const marked of [
    '**Bold** words.',
    '# Title\nWords.',
    '- one\n- two',
    'See https://example.org now.',
    'Great 👍',
    'Run `ls`.',
  ]) {
    test(`halves clarity for ${JSON.stringify(marked)}`, () => assert.equal(quality(marked, 'hi').clarity, 0.5));
  }

  test('never rises with more words, longer sentences, more questions; never falls when a word of the learner is added', () => {
    const random = seeded(3);
    const nouns = ['heap', 'stack', 'queue', 'graph', 'leaf', 'root'];
    for (let round = 0; round < 500; round++) {
      const asked = Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(random, nouns)).join(' ');
      const said = Array.from({ length: 1 + Math.floor(random() * 200) }, () => pick(random, nouns));
      const before = quality(`${said.join(' ')}.`, asked);
      const longer = quality(`${[...said, 'leaf'].join(' ')}.`, asked);
      assert.ok(longer.brevity <= before.brevity);
      assert.ok(longer.clarity <= before.clarity);
      const asking = quality(`${said.join(' ')}. Root? Leaf?`, asked);
      assert.ok(asking.oneQuestion < before.oneQuestion);
      const takenUp = quality(`${said.join(' ')} ${pick(random, asked.split(' '))}.`, asked);
      assert.ok(takenUp.relevance >= before.relevance);
    }
  });

  test('is in 0..1 for any texts', () => {
    const random = seeded(5);
    for (let round = 0; round < 1000; round++) inUnit(quality(oddText(random, 60), oddText(random, 20)));
  });
});

const turn = (userText: string, agentText = '', intent: EngagementTurn['intent'] = 'statement'): EngagementTurn => ({
  userText,
  agentText,
  intent,
});

describe('engagement of a session', () => {
  test('is 0 before the first turn', () => {
    const idle = { score: 0, turns: 0, followUps: 0, questions: 0, length: 0, topics: 0 };
    assert.deepEqual(engagement([]), idle);
  });

  test('follows its formula', () => {
    const found = engagement([
      turn('what is a heap', 'A heap is a tree.', 'question'),
      turn('is the tree sorted', 'Partly.', 'question'),
      turn('cactus', 'A plant.'),
      turn('tell me more about it', 'It is green.', 'question'),
    ]);
    near(found.turns, 0.4);
    near(found.followUps, 2 / 3);
    near(found.questions, 1);
    near(found.length, (4 + 4 + 1 + 5) / 4 / 12);
    near(found.topics, 4 / 15);
    near(
      found.score,
      0.25 * found.turns + 0.25 * found.followUps + 0.2 * found.questions + 0.15 * found.length + 0.15 * found.topics,
    );
  });

  test('is full for a long, curious talk', () => {
    const nouns = 'heap stack queue graph leaf root edge node path cycle tree forest depth breadth order sort'.split(
      ' ',
    );
    const talk = nouns.map((noun, at) =>
      turn(
        `why does the ${noun} go with that and what else is there in ${nouns[at - 1] ?? 'it'}`,
        `The ${noun}.`,
        'question',
      ),
    );
    assert.equal(engagement(talk).score, 1);
  });

  test('a question with nothing of its own follows up, the first turn never does', () => {
    assert.equal(engagement([turn('why')]).followUps, 0);
    assert.equal(engagement([turn('heaps', 'They are trees.'), turn('why')]).followUps, 1);
    assert.equal(engagement([turn('heaps', 'They are trees.'), turn('my cactus flowers today')]).followUps, 0);
  });

  test('rises with each of its parts while the others stay', () => {
    const flat = [turn('heap', 'Tree.'), turn('cactus', 'Plant.'), turn('mango', 'Fruit.')];
    const base = engagement(flat);
    const better = (changed: EngagementTurn): void => {
      assert.ok(engagement([...flat.slice(0, 2), changed]).score > base.score);
    };
    better(turn('mango', 'Fruit.', 'question'));
    better(turn('plant', 'Fruit.'));
    better(turn('mango is so', 'Fruit.'));
    better(turn('mango kiwi', 'Fruit.'));
    assert.ok(engagement([...flat, turn('kiwi', 'Fruit.')]).score > base.score);
  });

  test('looks at the last 20 turns', () => {
    const quiet = Array.from({ length: 20 }, () => turn('hm'));
    assert.deepEqual(engagement([turn('what is a heap', 'A tree.', 'question'), ...quiet]), engagement(quiet));
  });

  test('is in 0..1 for any talks', () => {
    const random = seeded(9);
    for (let round = 0; round < 400; round++) {
      const talk = Array.from({ length: Math.floor(random() * 25) }, () =>
        turn(oddText(random, 20), oddText(random, 20), pick(random, INTENTS)),
      );
      inUnit(engagement(talk));
    }
  });
});
