import { randomUUID } from 'node:crypto';
import { toAppError } from '../errors.ts';
import type { Session } from './conversation.ts';
import type { ErrorReporter, SessionWatcher, Store } from './ports.ts';
import { type EngagementTurn, engagement } from './scoring.ts';

/** A session that is present on this instance, with what it costs and how it goes. */
export type LiveSession = Session & {
  /** Milliseconds since the epoch: this presence's start, and the last sign of life. */
  startedAt: number;
  lastActivity: number;
  spentUsd: number;
  budgetWarned: boolean;
  cacheIsStale: boolean;
  /** The latest turns, and the engagement (0..1) that they show. */
  turns: EngagementTurn[];
  engagement: number;
  /** The end of the queue: the next turn runs when it settles. */
  tail: Promise<unknown>;
  waiting: number;
  inFlight: Set<AbortController>;
};

/** Turns that engagement looks at. */
const RECENT_TURNS = 20;

/** Takes a stored turn into the session's engagement. */
export function noteTurn(session: LiveSession, turn: EngagementTurn): void {
  session.turns = [...session.turns, turn].slice(-RECENT_TURNS);
  session.engagement = engagement(session.turns).score;
}

/** Keeps the sessions of this instance: a session is active while its last activity is under `activeS` seconds old, then it expires. */
export function createSessions(deps: {
  store: Store;
  watcher: SessionWatcher;
  reporter: ErrorReporter;
  activeS: number;
  now?: () => number;
}) {
  const { store, watcher, reporter, activeS, now = Date.now } = deps;
  const live = new Map<string, LiveSession>();
  const opening = new Map<string, Promise<LiveSession>>();
  const expired = (session: LiveSession) =>
    session.inFlight.size === 0 && now() - session.lastActivity >= activeS * 1000;

  async function open(id: string): Promise<LiveSession> {
    const at = now();
    const { session, created } = await store.openSession(id, new Date(at));
    if (created) watcher.created();
    const spentUsd = created ? 0 : await store.spentUsd({ sessionId: id });
    const opened: LiveSession = {
      id,
      createdAt: session.createdAt,
      startedAt: at,
      lastActivity: at,
      spentUsd,
      budgetWarned: false,
      cacheIsStale: false,
      turns: [],
      engagement: 0,
      tail: Promise.resolve(),
      waiting: 0,
      inFlight: new Set(),
    };
    live.set(id, opened);
    return opened;
  }

  function leave(session: LiveSession): void {
    live.delete(session.id);
    watcher.over((session.lastActivity - session.startedAt) / 1000);
  }

  async function expire(): Promise<void> {
    for (const session of [...live.values()].filter(expired)) {
      leave(session);
      try {
        await store.closeSession(session.id, 'expired', new Date(session.lastActivity));
      } catch (thrown) {
        reporter.report(toAppError(thrown, 'session'));
      }
    }
  }
  const sweeper = setInterval(() => void expire(), Math.max(250, (activeS * 1000) / 20));
  sweeper.unref();

  return {
    /** Starts or resumes; two callers at once get the same session. */
    async open(id: string = randomUUID()): Promise<LiveSession> {
      const present = live.get(id) ?? (await opening.get(id));
      if (present) {
        present.lastActivity = now();
        return present;
      }
      const promise = open(id).finally(() => opening.delete(id));
      opening.set(id, promise);
      return promise;
    },
    /** Notes a sign of life. */
    touch(session: LiveSession): void {
      session.lastActivity = now();
    },
    find: (id: string): LiveSession | undefined => live.get(id),
    active: (): LiveSession[] => [...live.values()].filter((session) => !expired(session)),
    async end(session: LiveSession): Promise<void> {
      if (live.get(session.id) !== session) return;
      leave(session);
      await store.closeSession(session.id, 'ended', new Date(now()));
    },
    /** Drops a session that is being forgotten: nothing of it is written. */
    drop(session: LiveSession): void {
      if (live.get(session.id) === session) leave(session);
    },
    expire,
    stop: (): void => clearInterval(sweeper),
  };
}
export type Sessions = ReturnType<typeof createSessions>;
