import { toAppError } from '../errors.ts';
import type { ContextCache, ErrorReporter, Exchange, Store } from './ports.ts';
import type { LiveSession } from './sessions.ts';

/** Exchanges that a reply is given to go by. */
export const CONTEXT_SIZE = 5;

/** The last exchanges of a session: from the cache, else from the store. A cache that fails is reported and costs nothing but time. */
export function createContext(deps: { cache: ContextCache; store: Store; reporter: ErrorReporter }) {
  const { cache, store, reporter } = deps;
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (thrown) {
      reporter.report(toAppError(thrown, 'cache'));
      return undefined;
    }
  };
  return {
    async recall(session: LiveSession): Promise<Exchange[]> {
      const cached = session.cacheIsStale ? undefined : await attempt(() => cache.get(session.id));
      if (cached) return cached;
      const captures = await store.history(session.id, CONTEXT_SIZE);
      return captures.map(({ userText, agentText }) => ({ userText, agentText }));
    },
    async remember(session: LiveSession, before: Exchange[], newest: Exchange): Promise<void> {
      const exchanges = [...before, newest].slice(-CONTEXT_SIZE);
      const kept = await attempt(async () => {
        await cache.set(session.id, exchanges);
        return true;
      });
      // NOTE: a cache that missed this exchange may come back with the one before it.
      session.cacheIsStale = kept !== true;
    },
    async forget(sessionId: string): Promise<void> {
      await cache.delete(sessionId);
    },
  };
}
export type Context = ReturnType<typeof createContext>;
