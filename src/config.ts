import { z } from 'zod';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);

const seconds = (fallback: number) => z.coerce.number().positive().default(fallback);
const count = (fallback: number) => z.coerce.number().int().positive().default(fallback);
const usd = (fallback: number) => z.coerce.number().nonnegative().default(fallback);
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  );

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(8000),
  HOST: z.string().optional(),
  AUTH_TOKENS: list,
  ANTHROPIC_API_KEY: z.string().optional(),
  CLAUDE_MODEL: z.string().default('claude-haiku-4-5'),
  CLAUDE_MAX_TOKENS: count(300),
  // NOTE: newer models refuse a temperature, so none is sent unless it is set.
  CLAUDE_TEMPERATURE: z.coerce.number().min(0).max(1).optional(),
  OPENAI_API_KEY: z.string().optional(),
  WHISPER_MODEL: z.string().default('whisper-1'),
  SPEECH_MODEL: z.string().default('tts-1'),
  SPEECH_VOICE: z.string().default('alloy'),
  PROVIDERS: z.enum(['live', 'sandbox']).optional(),
  SANDBOX_URL: z.url().optional(),
  PROVIDER_TIMEOUT_S: seconds(30),
  PROVIDER_RETRIES: z.coerce.number().int().min(0).max(5).default(2),
  DATABASE_URL: z
    .string()
    .regex(
      /^sqlite:.+/s,
      'only SQLite is supported so far: write sqlite:./data/agent.db, or sqlite::memory: for a trial',
    )
    .default('sqlite:./data/agent.db'),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/./, 'write redis://host:6379')
    .optional(),
  SESSION_TTL_S: count(1800),
  SESSION_ACTIVE_S: seconds(180),
  MAX_AUDIO_S: seconds(60),
  TURN_TIMEOUT_S: seconds(60),
  RATE_LIMIT_PER_MIN: count(600),
  BUDGET_SESSION_USD: usd(1),
  BUDGET_MONTH_USD: usd(10),
  PRICES_FILE: z.string().optional(),
  SLO_FIRST_RESPONSE_S: seconds(3),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  SHUTDOWN_TIMEOUT_S: seconds(4),
});

export type Config = z.output<typeof environment> & {
  HOST: string;
  PROVIDERS: 'live' | 'sandbox';
};

/** Every name that the agent reads, beside the standard `OTEL_*` names; `.env.example` is held against it. */
export const CONFIG_NAMES = Object.keys(environment.shape);

/** All that is wrong with the environment, at once: each line names the variable, its value and the cure. */
export class ConfigError extends Error {
  constructor(problems: string[]) {
    super(`The configuration has ${problems.length} problem(s):\n${problems.map((line) => `  - ${line}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Reads the environment once; an empty value counts as not set. Throws ConfigError. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const parsed = environment.safeParse(set);
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => describe(issue, set));
  const host = set.HOST ?? (set.AUTH_TOKENS ? '0.0.0.0' : '127.0.0.1');
  if (!LOOPBACK.has(host) && !set.AUTH_TOKENS) {
    problems.push(`HOST=${host} would let anybody in: set AUTH_TOKENS, or HOST=127.0.0.1`);
  }
  const missing = ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY'].filter((name) => !set[name]);
  const providers = set.PROVIDERS ?? (set.SANDBOX_URL || missing.length === 2 ? 'sandbox' : 'live');
  if (providers === 'live') {
    problems.push(...missing.map((name) => `${name} is not set: set it, or PROVIDERS=sandbox to run without keys`));
    if (set.SANDBOX_URL) problems.push('SANDBOX_URL and PROVIDERS=live contradict each other: unset one of them');
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return { ...parsed.data, HOST: host, PROVIDERS: providers as Config['PROVIDERS'] };
}

function describe(issue: z.core.$ZodIssue, env: Record<string, string | undefined>): string {
  const name = String(issue.path[0]);
  const shown = /_(KEY|TOKENS|URL)$/.test(name) ? '(hidden)' : JSON.stringify(env[name]);
  return `${name}=${shown}: ${issue.code === 'invalid_type' ? 'write a number' : issue.message}`;
}
