import { createHash } from 'node:crypto';

/** One piece of a prompt in the order in which the provider reads it: system first, then the messages. */
export interface PromptBlock {
  /** What makes the piece the same as another: role and text. */
  content: string;
  tokens: number;
  /** Seconds that a prefix ending here is to be kept, when the caller marked it with `cache_control`. */
  cacheS?: number | undefined;
}

/** The input side of a message's usage; its three main numbers add up to the prompt. */
export interface InputUsage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
}

/** Prefixes that were marked before, each for its time since it was last used. */
export interface PromptCache {
  use(scope: string, blocks: PromptBlock[]): InputUsage;
}

export interface PromptCacheOptions {
  /** Shorter prefixes are not kept, as with the real models (1024 tokens for most). */
  minTokens: number;
  now?: () => number;
}

const MAX_PREFIXES = 10_000;
/** How many blocks before a mark are looked at for an earlier, shorter prefix. */
const LOOK_BACK = 20;

export function createPromptCache({ minTokens, now = Date.now }: PromptCacheOptions): PromptCache {
  const expiries = new Map<string, number>();

  return {
    use(scope, blocks) {
      const total = blocks.reduce((sum, block) => sum + block.tokens, 0);
      const prefixes = markedPrefixes(scope, blocks, minTokens);
      const last = prefixes.findLast(({ cacheS }) => cacheS !== undefined);
      if (!last) return usage(total, 0, 0, 0);

      const time = now();
      const kept = ({ key }: Prefix) => (expiries.get(key) ?? 0) > time;
      const hit = prefixes.slice(-LOOK_BACK).findLast(kept);
      const read = hit?.tokens ?? 0;
      if (hit) refresh(hit.key, time + (hit.cacheS ?? 300) * 1000);
      for (const { key, cacheS } of prefixes) if (cacheS !== undefined) refresh(key, time + cacheS * 1000);
      return usage(total - last.tokens, last.tokens - read, read, last.cacheS ?? 300);
    },
  };

  /** Re-inserting keeps the map in order of use, so that the oldest is first to go. */
  function refresh(key: string, expiry: number): void {
    const latest = Math.max(expiry, expiries.get(key) ?? 0);
    expiries.delete(key);
    expiries.set(key, latest);
    if (expiries.size > MAX_PREFIXES) expiries.delete(expiries.keys().next().value as string);
  }
}

interface Prefix {
  key: string;
  tokens: number;
  cacheS: number | undefined;
}

/** Every prefix long enough to be kept, up to the last mark; nothing is hashed when nothing is marked. */
function markedPrefixes(scope: string, blocks: PromptBlock[], minTokens: number): Prefix[] {
  const end = blocks.findLastIndex(({ cacheS }) => cacheS !== undefined) + 1;
  const prefixes: Prefix[] = [];
  let key = scope;
  let tokens = 0;
  for (const block of blocks.slice(0, end)) {
    key = createHash('sha1').update(key).update('\0').update(block.content).digest('base64');
    tokens += block.tokens;
    if (tokens >= minTokens) prefixes.push({ key, tokens, cacheS: block.cacheS });
  }
  return prefixes;
}

function usage(input: number, creation: number, read: number, cacheS: number): InputUsage {
  const hour = cacheS >= 3600;
  return {
    input_tokens: input,
    cache_creation_input_tokens: creation,
    cache_read_input_tokens: read,
    cache_creation: {
      ephemeral_5m_input_tokens: hour ? 0 : creation,
      ephemeral_1h_input_tokens: hour ? creation : 0,
    },
  };
}
