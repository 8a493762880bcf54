import type { CachedContext, ContextCache } from '../conversation/ports.ts';

/** The cache of an agent without Redis. Beyond `maxSessions` the session that was used least recently makes room. */
export async function createMemoryCache(limits: { ttlS: number; maxSessions: number }): Promise<ContextCache> {
  // A Map keeps the order of insertion, so the first key is the least recently used.
  const sessions = new Map<string, { context: CachedContext; expiresAt: number }>();

  return {
    get: async (sessionId) => {
      const entry = sessions.get(sessionId);
      if (!entry) return undefined;
      sessions.delete(sessionId);
      if (entry.expiresAt <= performance.now()) return undefined;
      sessions.set(sessionId, entry);
      return structuredClone(entry.context);
    },
    set: async (sessionId, context) => {
      sessions.delete(sessionId);
      sessions.set(sessionId, {
        context: structuredClone(context),
        expiresAt: performance.now() + limits.ttlS * 1000,
      });
      for (const oldest of sessions.keys()) {
        if (sessions.size <= limits.maxSessions) break;
        sessions.delete(oldest);
      }
    },
    delete: async (sessionId) => {
      sessions.delete(sessionId);
    },
    ping: async () => {},
    close: async () => sessions.clear(),
  };
}
