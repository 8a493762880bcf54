import type { Provider } from './provider-error.ts';

const REQUESTS_A_MINUTE = 4000;
const WINDOW_MS = 60_000;

/** Counts each provider's requests in the running minute and states them as its rate-limit headers; nothing is refused. */
export function createRateLimits(now: () => number = Date.now): (provider: Provider) => [string, string][] {
  const used = { anthropic: 0, openai: 0 };
  let resetAt = 0;
  let resetIso = '';

  return (provider) => {
    const time = now();
    if (time >= resetAt) {
      resetAt = time + WINDOW_MS;
      resetIso = `${new Date(resetAt).toISOString().slice(0, 19)}Z`;
      used.anthropic = 0;
      used.openai = 0;
    }
    used[provider] += 1;
    const remaining = String(Math.max(0, REQUESTS_A_MINUTE - used[provider]));
    if (provider === 'anthropic') {
      return [
        ['anthropic-ratelimit-requests-limit', String(REQUESTS_A_MINUTE)],
        ['anthropic-ratelimit-requests-remaining', remaining],
        ['anthropic-ratelimit-requests-reset', resetIso],
      ];
    }
    return [
      ['x-ratelimit-limit-requests', String(REQUESTS_A_MINUTE)],
      ['x-ratelimit-remaining-requests', remaining],
      ['x-ratelimit-reset-requests', `${Math.ceil((resetAt - time) / 1000)}s`],
    ];
  };
}
