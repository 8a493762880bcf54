import type { ContextCache } from '../../conversation/ports.ts';
import type { Instruments } from '../instruments.ts';
import { createHitRatio } from './hit-ratio.ts';

/** Watches the context cache: every operation and how it went, and the share of recent look-ups that hit. */
export function watchCache(inner: ContextCache, instruments: Instruments): ContextCache {
  const operations = instruments.cache_operations_total;
  const ratio = createHitRatio();
  instruments.cache_hit_ratio.observe(ratio.read);
  async function counted<T>(operation: 'set' | 'delete', work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      operations.add(1, { operation, status: 'success' });
      return result;
    } catch (thrown) {
      operations.add(1, { operation, status: 'error' });
      throw thrown;
    }
  }
  return {
    async get(sessionId) {
      try {
        const found = await inner.get(sessionId);
        operations.add(1, { operation: 'get', status: found ? 'hit' : 'miss' });
        ratio.add(found !== undefined);
        return found;
      } catch (thrown) {
        operations.add(1, { operation: 'get', status: 'error' });
        throw thrown;
      }
    },
    set: (sessionId, exchanges) => counted('set', () => inner.set(sessionId, exchanges)),
    delete: (sessionId) => counted('delete', () => inner.delete(sessionId)),
    ping: () => inner.ping(),
    close: () => inner.close(),
  };
}
