import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../errors.ts';

export type LimitSettings = {
  /** HTTP requests a minute, and Socket.IO events (chunks of audio aside) a minute, by token or address. */
  perMinute: number;
  /** Chunks of audio a minute, by token or address. */
  chunksPerMinute?: number;
  /** Sockets open at once, by token or address. */
  socketsPerClient?: number;
  /** Seconds of one utterance. */
  maxAudioS: number;
};

/** How much one client may ask for; `client` is its token's name, else its address. Refusals are `rate_limited` with the seconds to wait. */
export interface Limits {
  readonly maxAudioS: number;
  request(client: string): Promise<void>;
  event(client: string): Promise<void>;
  chunk(client: string): Promise<void>;
  /** Admits a socket; the returned function lets it go. */
  admit(client: string): () => void;
}

/** Limits held in this process' memory. */
export function createLimits(settings: LimitSettings): Limits {
  const { perMinute, chunksPerMinute = perMinute * 10, socketsPerClient = 200, maxAudioS } = settings;
  const requests = perMinuteOf(perMinute, 'http', 'requests');
  const events = perMinuteOf(perMinute, 'socket', 'events');
  const chunks = perMinuteOf(chunksPerMinute, 'socket', 'chunks of audio');
  const open = new Map<string, number>();
  return {
    maxAudioS,
    request: requests,
    event: events,
    chunk: chunks,
    admit(client) {
      const count = open.get(client) ?? 0;
      if (count >= socketsPerClient) {
        const message = `You have ${count} connections open, and no more are allowed: close one first.`;
        throw new AppError('rate_limited', 'socket', message, { retryAfterS: 5 });
      }
      open.set(client, count + 1);
      return () => {
        const left = (open.get(client) ?? 1) - 1;
        if (left > 0) open.set(client, left);
        else open.delete(client);
      };
    },
  };
}

function perMinuteOf(points: number, component: 'http' | 'socket', what: string): (client: string) => Promise<void> {
  const limiter = new RateLimiterMemory({ points, duration: 60 });
  return async (client) => {
    try {
      await limiter.consume(client);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const retryAfterS = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      const message = `More than ${points} ${what} in a minute: go on in ${retryAfterS} s.`;
      throw new AppError('rate_limited', component, message, { retryAfterS });
    }
  };
}
