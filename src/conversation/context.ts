import { toAppError } from '../errors.ts';
import type { ContextCache, Exchange, Store } from './ports.ts';
import type { LiveSession } from './sessions.ts';
import type { ErrorReporter } from './watchers.ts';

/** Exchanges that a reply is given to go by. */
export const CONTEXT_SIZE = 5;

/** The last exchanges of a session: from the cache, else from the store. A cache that fails is reported and costs nothing but time. */
export function createContext(deps: { cache: ContextCache; store: Store; reporter: ErrorReporter }) {
  const { cache, store, reporter } = deps;
  async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      reporter.report(toAppError(thrown, 'cache'));
      return undefined;
    }
  }
  return {
    async recall(session: LiveSession): Promise<Exchange[]> {
      const cached = await attempt(() => cache.get(session.id));
      // NOTE: a cache that was away, or a process that died between store and cache, leaves one that lacks exchanges.
      if (cached?.exchangeCount === session.exchangeCount) return cached.exchanges;
      const captures = await store.history(session.id, CONTEXT_SIZE);
      return captures.map(({ userText, agentText }) => ({ userText, agentText }));
    },
    /** Takes in an exchange that is stored and counted. */
    async remember(session: LiveSession, before: Exchange[], newest: Exchange): Promise<void> {
      const { id, exchangeCount } = session;
      await attempt(() => cache.set(id, { exchangeCount, exchanges: [...before, newest].slice(-CONTEXT_SIZE) }));
    },
    /** Throws when the cache can't be asked: then nothing may be said to be forgotten. */
    forget: (sessionId: string): Promise<void> => cache.delete(sessionId),
  };
}
export type Context = ReturnType<typeof createContext>;
