import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ConfigError } from '../config.ts';
import type { TokenUsage } from './ports.ts';

const usd = z.number().nonnegative();
const tokens = { input: usd, output: usd, cache_read: usd, cache_write: usd };
const table = z.strictObject({
  as_of: z.iso.date(),
  currency: z.literal('USD'),
  source: z.record(z.string(), z.string()),
  models: z.strictObject({
    anthropic: z.record(
      z.string(),
      z.strictObject({
        ...tokens,
        long_prompt: z.strictObject({ over_tokens: z.int().positive(), ...tokens }).optional(),
      }),
    ),
    openai: z.record(
      z.string(),
      z.union([z.strictObject({ per_minute: usd }), z.strictObject({ per_million_characters: usd })]),
    ),
  }),
});

/** The price list as the file has it: USD per million tokens, per minute of audio, per million characters. */
export type Prices = z.output<typeof table>;

/** What a call costs, in USD, never rounded; `null` for a model that the list doesn't have. */
export type PriceTable = {
  /** The date of the prices, `YYYY-MM-DD`. */
  readonly asOf: string;
  claude(model: string, usage: TokenUsage): number | null;
  /** `seconds` as the provider bills them: the table does not round them again. */
  transcription(model: string, seconds: number): number | null;
  speech(model: string, characters: number): number | null;
};

/**
 * Prices calls by a list. A model is looked up by its name, else by its name without a date at the end
 * (`-20251001`, `-2025-12-15`): a snapshot costs what its alias costs, unless the list says otherwise.
 * `onUnknown` is told once of each model that has no price.
 */
export function createPriceTable({ as_of, models }: Prices, onUnknown: (model: string) => void = () => {}): PriceTable {
  const told = new Set<string>();
  const unknown = (model: string) => {
    if (told.has(model) || told.size >= MOST_TOLD) return;
    told.add(model);
    onUnknown(model);
  };
  const anthropic = byName(models.anthropic, unknown);
  const openai = byName(models.openai, unknown);
  return {
    asOf: as_of,
    claude(model, usage) {
      const found = anthropic(model);
      if (!found) return null;
      // NOTE: a long prompt costs its price on every token of the call, the output too.
      const long = found.long_prompt && promptTokens(usage) > found.long_prompt.over_tokens;
      const price = long ? found.long_prompt : found;
      if (!price) return null;
      const micros =
        usage.input * price.input +
        usage.output * price.output +
        usage.cacheRead * price.cache_read +
        usage.cacheWrite * price.cache_write;
      return micros / 1e6;
    },
    transcription(model, seconds) {
      const price = openai(model);
      return price && 'per_minute' in price ? (seconds / 60) * price.per_minute : null;
    },
    speech(model, characters) {
      const price = openai(model);
      return price && 'per_million_characters' in price ? (characters * price.per_million_characters) / 1e6 : null;
    },
  };
}

const promptTokens = (usage: TokenUsage): number => usage.input + usage.cacheRead + usage.cacheWrite;

/** Names come from a provider's answers: a log line each, but not without end. */
const MOST_TOLD = 100;

function byName<T>(models: Record<string, T>, unknown: (model: string) => void): (model: string) => T | undefined {
  const prices = new Map(Object.entries(models));
  return (model) => {
    const price = prices.get(model) ?? prices.get(model.replace(/-(?:\d{8}|\d{4}-\d{2}-\d{2})$/, ''));
    if (!price) unknown(model);
    return price;
  };
}

const OWN_LIST = fileURLToPath(new URL('./prices.json', import.meta.url));

/** Reads the price list that came with the agent, or one of the operator's own. Throws ConfigError with all that is wrong with it. */
export function loadPrices(file: string = OWN_LIST): Prices {
  const name = file === OWN_LIST ? file : `PRICES_FILE=${file}`;
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new ConfigError([`${name}: ${reason}; give a readable JSON file, or unset PRICES_FILE to use our own list`]);
  }
  const parsed = table.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => `${name}: ${describe(issue, json)}`));
}

function describe(issue: z.core.$ZodIssue, json: unknown): string {
  const found = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], json);
  const shown = found === undefined ? 'missing' : JSON.stringify(found);
  return `${issue.path.join('.') || '(whole file)'} is ${shown}: ${issue.message}; ${cureFor(issue.path)}`;
}

function cureFor([section, provider, model]: PropertyKey[]): string {
  if (section === 'as_of') return 'give the date of the prices as "2026-11-10"';
  if (section === 'models' && provider === 'anthropic' && model !== undefined)
    return 'give input, output, cache_read and cache_write in USD per million tokens';
  if (section === 'models' && provider === 'openai' && model !== undefined)
    return 'give per_minute or per_million_characters in USD';
  return 'src/conversation/prices.json shows the form';
}
