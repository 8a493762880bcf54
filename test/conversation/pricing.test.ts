import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ConfigError } from '../../src/config.ts';
import type { TokenUsage } from '../../src/conversation/ports.ts';
import { createPriceTable, loadPrices } from '../../src/conversation/pricing.ts';

const usage = (input: number, output: number, cacheRead = 0, cacheWrite = 0): TokenUsage => ({
  input,
  output,
  cacheRead,
  cacheWrite,
  estimated: false,
});
const near = (actual: number | null, expected: number): void =>
  assert.ok(actual !== null && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

const prices = createPriceTable(loadPrices());

describe('the price list', () => {
  test('says of what day and from where it is', () => {
    assert.match(prices.asOf, /^\d{4}-\d{2}-\d{2}$/);
    const { source, currency } = loadPrices();
    assert.equal(currency, 'USD');
    assert.match(source.anthropic ?? '', /^https:/);
    assert.match(source.openai ?? '', /^https:/);
  });

  test('prices tokens, cache reads and writes included', () => {
    near(prices.claude('claude-haiku-4-5', usage(1e6, 0)), 1);
    near(prices.claude('claude-haiku-4-5', usage(0, 1e6)), 5);
    near(prices.claude('claude-haiku-4-5', usage(0, 0, 1e6)), 0.1);
    near(prices.claude('claude-haiku-4-5', usage(0, 0, 0, 1e6)), 1.25);
    near(prices.claude('claude-haiku-4-5', usage(412, 87, 2048, 310)), (412 + 87 * 5 + 204.8 + 310 * 1.25) / 1e6);
    assert.equal(prices.claude('claude-haiku-4-5', usage(0, 0)), 0);
  });

  test('a cache read is cheaper than the same tokens anew, a write is dearer, for every model', () => {
    for (const [model, price] of Object.entries(loadPrices().models.anthropic)) {
      assert.ok(price.cache_read < price.input && price.input < price.cache_write && price.input < price.output, model);
    }
  });

  test('a snapshot costs what its alias costs', () => {
    const used = usage(1234, 56);
    assert.equal(prices.claude('claude-haiku-4-5-20251001', used), prices.claude('claude-haiku-4-5', used));
    assert.equal(prices.claude('claude-sonnet-4-5-20250929', used), prices.claude('claude-sonnet-4-5', used));
    assert.equal(prices.speech('tts-1-2025-12-15', 10), prices.speech('tts-1', 10));
  });

  test('a model that the list has not is told once', () => {
    const told: string[] = [];
    const table = createPriceTable(loadPrices(), (model) => told.push(model));
    for (let call = 0; call < 3; call++) table.claude('claude-of-tomorrow', usage(1, 1));
    table.speech('tts-9', 1);
    table.claude('claude-haiku-4-5', usage(1, 1));
    assert.deepEqual(told, ['claude-of-tomorrow', 'tts-9']);
  });

  test('a model that the list has not is null, not free', () => {
    for (const model of [
      'claude-haiku-9',
      'claude-haiku-4-5-latest',
      'haiku-4-5',
      'claude',
      '',
      'constructor',
      '__proto__',
    ]) {
      assert.equal(prices.claude(model, usage(1, 1)), null, model);
      assert.equal(prices.transcription(model, 1), null, model);
      assert.equal(prices.speech(model, 1), null, model);
    }
    assert.equal(prices.transcription('tts-1', 1), null);
    assert.equal(prices.speech('whisper-1', 1), null);
  });

  test('a long prompt costs its price on all tokens of the call, from the first token over the limit', () => {
    near(prices.claude('claude-haiku-5-5', usage(60_000, 1000, 30_000, 10_000)), (6000 + 500 + 300 + 1250) / 1e6);
    near(prices.claude('claude-haiku-5-5', usage(60_001, 1000, 30_000, 10_000)), (30_000.5 + 2500 + 1500 + 6250) / 1e6);
  });

  test('audio is priced by its seconds, speech by its characters, unrounded', () => {
    near(prices.transcription('whisper-1', 60), 0.006);
    near(prices.transcription('whisper-1', 2.9), 0.00029);
    near(prices.speech('tts-1', 1e6), 15);
    near(prices.speech('tts-1', 41), 0.000615);
  });
});

describe('a price list of the operator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'prices-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (content: string): string => {
    const path = join(folder, 'prices.json');
    writeFileSync(path, content);
    return path;
  };
  const problem = (path: string): string => {
    try {
      loadPrices(path);
    } catch (thrown) {
      assert.ok(thrown instanceof ConfigError);
      return thrown.message;
    }
    throw new Error('it was accepted');
  };

  test('replaces ours', () => {
    const own = structuredClone(loadPrices());
    own.models.anthropic = { 'my-model': { input: 2, output: 4, cache_read: 1, cache_write: 3 } };
    const table = createPriceTable(loadPrices(file(JSON.stringify(own))));
    near(table.claude('my-model', usage(1e6, 1e6)), 6);
    assert.equal(table.claude('claude-haiku-4-5', usage(1, 1)), null);
  });

  test('that cannot be read or parsed is refused by its name', () => {
    assert.match(problem(join(folder, 'absent.json')), /PRICES_FILE=.*absent\.json.*ENOENT.*unset PRICES_FILE/);
    assert.match(problem(file('{')), /PRICES_FILE=.*JSON/);
  });

  test('with mistakes is refused with each of them, its value and the cure', () => {
    const broken = structuredClone(loadPrices()) as {
      as_of: unknown;
      models: { anthropic: Record<string, unknown>; openai: Record<string, unknown> };
    };
    broken.as_of = 'yesterday';
    broken.models.anthropic['claude-x'] = { input: -1, output: 5, cache_read: 0.1 };
    broken.models.openai['whisper-1'] = { per_hour: 1 };
    const message = problem(file(JSON.stringify(broken)));
    assert.match(message, /as_of is "yesterday".*"2026-11-10"/);
    assert.match(message, /claude-x\.input is -1.*USD per million tokens/);
    assert.match(message, /claude-x\.cache_write is missing/);
    assert.match(message, /whisper-1 is \{"per_hour":1\}.*per_minute/);
  });
});
