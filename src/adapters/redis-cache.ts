import { createClient } from 'redis';
import { z } from 'zod';
import type { ContextCache } from '../conversation/ports.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';

const KEY_PREFIX = 'lva:context:';
const COMMAND_TIMEOUT_MS = 250;
const START_TIMEOUT_MS = 500;
const CONNECT_TIMEOUT_MS = 1000;
const STALL_MS = 1000;
const MAX_BACKOFF_MS = 2000;
const MAX_QUEUE = 1000;

const cachedContext = z.object({
  exchangeCount: z.int().nonnegative(),
  exchanges: z.array(z.object({ userText: z.string(), agentText: z.string() })),
});

export type RedisCacheOptions = {
  /** `redis[s]://[[user][:password]@]host[:port][/db]` */
  url: string;
  ttlS: number;
  log?: Logger;
};

/** The cache in Redis. When Redis is down it starts all the same, fails each call at once, and reconnects by itself. */
export async function createRedisCache({ url, ttlS, log }: RedisCacheOptions): Promise<ContextCache> {
  const client = openClient(url);
  let down = false;
  client.on('error', (error: Error) => {
    // Every attempt to reconnect comes by here: one line for each outage.
    if (!down) log?.warn({ cause: error.name, code: (error as { code?: string }).code }, 'redis is down; reconnecting');
    down = true;
  });
  client.on('ready', () => {
    if (down) log?.info('redis is back');
    down = false;
  });
  const key = (sessionId: string) => KEY_PREFIX + sessionId;

  // Waited for a moment only: connecting goes on behind, until close() makes it give up.
  const connected = client.connect().catch(() => {});
  await within(START_TIMEOUT_MS, connected).catch(() => {});

  let stalledUntil = 0;
  async function run<T>(command: () => Promise<T>): Promise<T> {
    try {
      // One turn has waited for a Redis that hangs; the next ones need not.
      if (performance.now() < stalledUntil) throw new Stalled();
      return await within(COMMAND_TIMEOUT_MS, command());
    } catch (cause) {
      const now = performance.now();
      if (cause instanceof Stalled && now >= stalledUntil) stalledUntil = now + STALL_MS;
      throw cacheError(cause);
    }
  }

  return {
    get: async (sessionId) => {
      const value = await run(() => client.get(key(sessionId)).catch(orUnreadable));
      if (value === null) return undefined;
      const parsed = cachedContext.safeParse(parseJson(value));
      if (parsed.success) return parsed.data;
      log?.warn('a context in redis could not be read, and was deleted');
      await run(() => client.del(key(sessionId)));
      return undefined;
    },
    set: async (sessionId, context) => {
      const expiration = { type: 'EX', value: ttlS } as const;
      await run(() => client.set(key(sessionId), JSON.stringify(context), { expiration }));
    },
    delete: async (sessionId) => {
      await run(() => client.del(key(sessionId)));
    },
    ping: async () => {
      await run(() => client.ping());
    },
    close: async () => {
      if (client.isOpen) client.destroy();
    },
  };
}

function openClient(url: string) {
  try {
    return createClient({
      url,
      // A command for a Redis that is not there fails now, not when Redis is back and the turn long over.
      disableOfflineQueue: true,
      commandsQueueMaxLength: MAX_QUEUE,
      socket: {
        connectTimeout: CONNECT_TIMEOUT_MS,
        reconnectStrategy: (retries) => Math.min(MAX_BACKOFF_MS, 50 * 2 ** retries) * (0.5 + Math.random() / 2),
      },
    });
  } catch (cause) {
    throw new AppError('internal', 'cache', 'REDIS_URL is no Redis address: write redis://host:6379', { cause });
  }
}

class Stalled extends Error {
  override readonly name = 'Stalled';
}

/** Rejects after `ms`. NOTE: node-redis' own command timeout ends once the command is sent: it never sees a Redis that hangs. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Stalled()), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A key that holds something other than text reads as text that no context has. */
function orUnreadable(error: Error): string {
  if (error.message.startsWith('WRONGTYPE')) return '';
  throw error;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function cacheError(cause: unknown): AppError {
  const why = cause instanceof Stalled ? 'does not answer in time' : 'cannot be used';
  const message = `Redis ${why}: check REDIS_URL and its server. Until then contexts are read from the database.`;
  return new AppError('provider_unavailable', 'cache', message, { cause, status: 503 });
}
