import type { Cost, TokenUsage } from './ports.ts';
import type { PriceTable } from './pricing.ts';

/** What one turn costs: each call is booked when the provider has done its work, whatever becomes of the turn. */
export function createBill(prices: PriceTable) {
  const costs: Cost[] = [];
  return {
    /** A reply: tokens as billed, at the price of the model that answered. */
    claude(model: string, usage: TokenUsage): void {
      const units = {
        input: usage.input,
        output: usage.output,
        cache_read: usage.cacheRead,
        cache_write: usage.cacheWrite,
      };
      costs.push({ provider: 'anthropic', model, units, usd: prices.claude(model, usage) });
    },
    /** A transcription: real seconds of audio; without them it has no price. */
    transcription(model: string, seconds: number | undefined): void {
      const usd = seconds === undefined ? null : prices.transcription(model, seconds);
      costs.push({ provider: 'openai', model, units: seconds === undefined ? {} : { seconds }, usd });
    },
    /** A spoken sentence: its characters. */
    speech(model: string, sentence: string): void {
      const characters = [...sentence].length;
      costs.push({ provider: 'openai', model, units: { characters }, usd: prices.speech(model, characters) });
    },
    /** Everything booked so far; a copy that stays as it is. */
    costs: (): readonly Cost[] => [...costs],
    /** USD of what has a price; what has none counts in `api_cost_unpriced_total`. */
    usd: (): number => costs.reduce((sum, { usd }) => sum + (usd ?? 0), 0),
  };
}
export type Bill = ReturnType<typeof createBill>;
