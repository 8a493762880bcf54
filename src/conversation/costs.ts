import type { Cost, TokenUsage } from './ports.ts';
import type { PriceTable } from './pricing.ts';

/** What a reply cost: tokens as billed, at the price of the model that answered. */
export const claudeCost = (prices: PriceTable, model: string, usage: TokenUsage): Cost => ({
  provider: 'anthropic',
  model,
  units: { input: usage.input, output: usage.output, cache_read: usage.cacheRead, cache_write: usage.cacheWrite },
  usd: prices.claude(model, usage),
});

/** What a transcription cost: real seconds of audio. */
export const transcriptionCost = (prices: PriceTable, model: string, seconds: number): Cost => ({
  provider: 'openai',
  model,
  units: { seconds },
  usd: prices.transcription(model, seconds),
});

/** What a spoken sentence cost: its characters. */
export const speechCost = (prices: PriceTable, model: string, sentence: string): Cost => ({
  provider: 'openai',
  model,
  units: { characters: sentence.length },
  usd: prices.speech(model, sentence.length),
});

/** Sum of what was priced; an unpriced call adds nothing here and counts in `api_cost_unpriced_total`. */
export const totalUsd = (costs: readonly Cost[]): number => costs.reduce((sum, { usd }) => sum + (usd ?? 0), 0);
