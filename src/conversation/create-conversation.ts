import { AppError, Cancelled } from '../errors.ts';
import type { Context } from './context.ts';
import type { Conversation, Session } from './conversation.ts';
import type { Store } from './ports.ts';
import type { LiveSession, Sessions } from './sessions.ts';
import { summarize } from './summary.ts';
import type { createTurn } from './turn.ts';

/** Turns of one session that may wait; past that the learner is asked to wait himself. */
const QUEUE_LIMIT = 8;
/** Exchanges of a session that its summary looks at. */
const SUMMARY_LIMIT = 200;

/** The domain as the edges see it: sessions with a queue each, turns with a deadline, ends with a summary. */
export function createConversation(deps: {
  sessions: Sessions;
  context: Context;
  store: Store;
  turn: ReturnType<typeof createTurn>;
  turnTimeoutS: number;
}): Conversation & { drain(): Promise<void> } {
  const { sessions, context, store, turn, turnTimeoutS } = deps;
  const underway = new Set<Promise<unknown>>();

  /** Runs after everything that the session has queued before; nothing that fails holds up the next. */
  function enqueue<T>(session: LiveSession, work: () => Promise<T>): Promise<T> {
    if (session.waiting >= QUEUE_LIMIT) {
      throw new AppError(
        'rate_limited',
        'turn',
        `This session has ${QUEUE_LIMIT} turns waiting; send the next after a reply.`,
        {
          retryAfterS: 1,
        },
      );
    }
    session.waiting += 1;
    const done = session.tail.then(work).finally(() => {
      session.waiting -= 1;
      underway.delete(done);
    });
    session.tail = done.catch(() => {});
    underway.add(done);
    return done;
  }

  return {
    open: (sessionId) => sessions.open(sessionId),

    async turn(given, input, listener, signal) {
      // NOTE: a session may have expired between two turns of one connection.
      const session = await sessions.open(given.id);
      // NOTE: one controller for interrupt, forget and deadline. AbortSignal.any is collected as garbage while it is waited for.
      const cancel = new AbortController();
      const follow = () => cancel.abort(signal.reason);
      if (signal.aborted) follow();
      signal.addEventListener('abort', follow);
      session.inFlight.add(cancel);
      try {
        return await enqueue(session, async () => {
          const timer = setTimeout(() => cancel.abort(tooSlow(turnTimeoutS)), turnTimeoutS * 1000);
          try {
            return await turn(session, input, listener, cancel.signal);
          } finally {
            clearTimeout(timer);
          }
        });
      } finally {
        signal.removeEventListener('abort', follow);
        session.inFlight.delete(cancel);
        sessions.touch(session);
      }
    },

    async end(given: Session) {
      const session = await sessions.open(given.id);
      return enqueue(session, async () => {
        const captures = await store.history(session.id, SUMMARY_LIMIT);
        const durationS = (Date.now() - session.startedAt) / 1000;
        await sessions.end(session);
        const { topics, remember } = summarize(captures);
        return { exchanges: captures.length, topics, remember, durationS };
      });
    },

    async forget(sessionId) {
      const session = sessions.find(sessionId);
      if (session) {
        for (const controller of session.inFlight) controller.abort(new Cancelled('interrupt'));
        await session.tail;
        sessions.drop(session);
      }
      // NOTE: the cache first. If it fails, the learner is told and asks again; the other way round the second time would be "not found".
      await context.forget(sessionId);
      return store.forget(sessionId);
    },

    activeIds: () => sessions.active().map(({ id }) => id),

    /** Resolves when no turn is in flight or queued any more. */
    async drain() {
      while (underway.size > 0) await Promise.allSettled(underway);
    },
  };
}

const tooSlow = (seconds: number) =>
  new AppError('timeout', 'turn', `The turn took longer than ${seconds} s and was stopped; please try again.`);
