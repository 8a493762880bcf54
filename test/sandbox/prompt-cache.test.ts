import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPromptCache, type PromptBlock } from '../../src/sandbox/prompt-cache.ts';

const block = (content: string, tokens: number, cacheS?: number): PromptBlock => ({ content, tokens, cacheS });

function clocked(minTokens = 10) {
  let time = 0;
  const cache = createPromptCache({ minTokens, now: () => time });
  const use = (...blocks: PromptBlock[]) => {
    const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = cache.use('key', blocks);
    return [input_tokens, cache_creation_input_tokens, cache_read_input_tokens];
  };
  return {
    cache,
    use,
    pass: (seconds: number) => {
      time += seconds * 1000;
    },
  };
}

test('a growing conversation reads what was there and writes what is new', () => {
  const { use } = clocked();
  assert.deepEqual(use(block('a', 20), block('b', 5, 300)), [0, 25, 0]);
  assert.deepEqual(use(block('a', 20), block('b', 5), block('c', 7, 300)), [0, 7, 25]);
  assert.deepEqual(use(block('a', 20), block('b', 5), block('c', 7, 300), block('d', 3)), [3, 0, 32]);
  assert.deepEqual(use(block('other', 20), block('b', 5, 300)), [0, 25, 0]);
});

test('a prefix is forgotten five minutes after its last use, or an hour if so marked', () => {
  const { use, pass, cache } = clocked();
  use(block('a', 20, 300));
  pass(299);
  assert.deepEqual(use(block('a', 20, 300)), [0, 0, 20]);
  pass(299);
  assert.deepEqual(use(block('a', 20, 300)), [0, 0, 20]);
  pass(300);
  assert.deepEqual(use(block('a', 20, 300)), [0, 20, 0]);
  const { cache_creation } = cache.use('key', [block('z', 20, 3600)]);
  assert.deepEqual(cache_creation, { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 20 });
  pass(3599);
  assert.deepEqual(use(block('z', 20, 3600)), [0, 0, 20]);
});

test('reading a prefix keeps it, also by a prompt that marks only what follows it', () => {
  const { use, pass } = clocked();
  use(block('a', 20, 300));
  pass(200);
  assert.deepEqual(use(block('a', 20), block('b', 5, 300)), [0, 5, 20]);
  pass(200);
  assert.deepEqual(use(block('a', 20, 300)), [0, 0, 20]);
});

test('nothing is kept without a mark or under the least size', () => {
  const { use } = clocked(30);
  assert.deepEqual(use(block('a', 20, 300)), [20, 0, 0]);
  assert.deepEqual(use(block('a', 20, 300)), [20, 0, 0]);
  assert.deepEqual(use(block('b', 50)), [50, 0, 0]);
});
