import { randomUUID } from 'node:crypto';
import { toAppError } from '../errors.ts';
import type { Session } from './conversation.ts';
import type { Store } from './ports.ts';
import { type EngagementTurn, engagement } from './scoring.ts';
import type { ErrorReporter, SessionWatcher } from './watchers.ts';

/** A session that is present on this instance, with what it costs and how it goes. */
export type LiveSession = Session & {
  /** Milliseconds since the epoch: this presence's start, and the last sign of life. */
  startedAt: number;
  lastActivity: number;
  /** Stored exchanges, those of former presences included. */
  exchangeCount: number;
  /** Grows with each turn. */
  spentUsd: number;
  budgetWarned: boolean;
  /** The latest turns, and the engagement (0..1) that they show. */
  turns: EngagementTurn[];
  engagement: number;
  /** The end of the queue: the next turn runs when it settles. */
  tail: Promise<unknown>;
  /** Turns that run or wait, to be broken off by. */
  inFlight: Set<AbortController>;
};

/** Turns that engagement looks at. */
const RECENT_TURNS = 20;

/** Takes a stored turn into the session's count and engagement. */
export function noteTurn(session: LiveSession, turn: EngagementTurn): void {
  session.exchangeCount += 1;
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
  const withheld = new Map<string, Promise<void>>();
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
      exchangeCount: session.exchangeCount,
      spentUsd,
      budgetWarned: false,
      turns: [],
      engagement: 0,
      tail: Promise.resolve(),
      inFlight: new Set(),
    };
    live.set(id, opened);
    return opened;
  }

  /** Ends a presence, once: false when it had ended before. */
  function leave(session: LiveSession): boolean {
    if (live.get(session.id) !== session) return false;
    live.delete(session.id);
    watcher.over((session.lastActivity - session.startedAt) / 1000);
    return true;
  }

  async function expire(): Promise<void> {
    for (const session of live.values()) {
      // NOTE: asked again for each, since a session may have woken up while another was being closed.
      if (!expired(session) || !leave(session)) continue;
      try {
        await store.closeSession(session.id, 'expired', new Date(session.lastActivity));
      } catch (thrown) {
        reporter.report(toAppError(thrown, 'session'));
      }
    }
  }
  const sweeper = setInterval(() => void expire(), Math.max(250, (activeS * 1000) / 20));
  sweeper.unref();

  async function openOrJoin(id: string): Promise<LiveSession> {
    for (let wait = withheld.get(id); wait; wait = withheld.get(id)) await wait;
    // NOTE: nothing may be awaited between the look and the entry, or two callers at once would both open.
    const pending = opening.get(id);
    const present = live.get(id) ?? (pending && (await pending));
    if (present) {
      present.lastActivity = now();
      return present;
    }
    const promise = open(id).finally(() => opening.delete(id));
    opening.set(id, promise);
    return promise;
  }

  return {
    /** Starts or resumes; two callers at once get the same session. */
    open: (id: string = randomUUID()): Promise<LiveSession> => openOrJoin(id),
    find: (id: string): LiveSession | undefined => live.get(id),
    /** Notes a sign of life. */
    touch(session: LiveSession): void {
      session.lastActivity = now();
    },
    active: (): LiveSession[] => [...live.values()].filter((session) => !expired(session)),
    async end(session: LiveSession): Promise<void> {
      if (leave(session)) await store.closeSession(session.id, 'ended', new Date(now()));
    },
    /** Takes a session out: its presence ends, and whoever wants to open it waits until `work` is done. */
    withhold<T>(id: string, work: (present: LiveSession | undefined) => Promise<T>): Promise<T> {
      const before = withheld.get(id);
      const done = (async () => {
        await before;
        await opening.get(id)?.catch(() => {});
        const present = live.get(id);
        if (present) leave(present);
        return work(present);
      })();
      const settled = done.then(
        () => {},
        () => {},
      );
      withheld.set(id, settled);
      void settled.then(() => withheld.get(id) === settled && withheld.delete(id));
      return done;
    },
    expire,
    /** Ends every presence of this instance; the sessions themselves can be resumed elsewhere. */
    stop(): void {
      clearInterval(sweeper);
      for (const session of live.values()) leave(session);
    },
  };
}
export type Sessions = ReturnType<typeof createSessions>;
