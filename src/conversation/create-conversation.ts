import { AppError, Cancelled } from '../errors.ts';
import type { Budget } from './budget.ts';
import type { Context } from './context.ts';
import type { Conversation } from './conversation.ts';
import type { Store } from './ports.ts';
import type { LiveSession, Sessions } from './sessions.ts';
import { summarize } from './summary.ts';
import type { Turn } from './turn.ts';

/** Turns of one session that may wait; past that the learner is asked to wait himself. */
const QUEUE_LIMIT = 8;
/** Exchanges of a session that its summary looks at. */
const SUMMARY_LIMIT = 200;

/** A turn's place in its session. */
type Place = { session: LiveSession; leave: () => void };

/** The domain as the edges see it: sessions with a queue each, turns with a deadline, ends with a summary. */
export function createConversation(deps: {
  sessions: Sessions;
  context: Context;
  store: Store;
  budget: Budget;
  turn: Turn;
  turnTimeoutS: number;
}): Conversation & { drain(): Promise<void> } {
  const { sessions, context, store, budget, turn, turnTimeoutS } = deps;
  const underway = new Set<Promise<unknown>>();

  /** Resolves with the session when everything that it has queued before is over; `leave` lets the next one in. */
  async function queue(id: string, cancel: AbortController): Promise<Place> {
    // NOTE: a session may have expired between two turns of one connection.
    const session = await sessions.open(id);
    if (session.inFlight.size >= QUEUE_LIMIT) throw tooMany();
    session.inFlight.add(cancel);
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const before = session.tail;
    session.tail = before.then(() => over);
    const leave = () => {
      session.inFlight.delete(cancel);
      sessions.touch(session);
      resolve();
    };
    await before;
    // What was broken off meanwhile has only its end to tell. If the session ended, the turn opens it anew.
    if (cancel.signal.aborted || sessions.find(id) === session) return { session, leave };
    leave();
    return queue(id, cancel);
  }

  return {
    open: (sessionId) => sessions.open(sessionId),

    async turn({ id }, input, listener, signal) {
      // NOTE: one controller for interrupt, erasure and deadline. AbortSignal.any is collected as garbage while it is waited for.
      const cancel = new AbortController();
      const follow = () => cancel.abort(signal.reason);
      if (signal.aborted) follow();
      signal.addEventListener('abort', follow);
      let timer: NodeJS.Timeout | undefined;
      let place: Place | undefined;
      const inTurn = async () => {
        place = await queue(id, cancel);
        timer = setTimeout(() => cancel.abort(tooSlow(turnTimeoutS)), turnTimeoutS * 1000);
        return place.session;
      };
      const done = turn(inTurn(), id, input, listener, cancel.signal).finally(() => {
        clearTimeout(timer);
        signal.removeEventListener('abort', follow);
        place?.leave();
        underway.delete(done);
      });
      underway.add(done);
      return done;
    },

    async end({ id }) {
      const present = sessions.find(id);
      await present?.tail;
      const durationS = present ? (Date.now() - present.startedAt) / 1000 : 0;
      const captures = await store.history(id, SUMMARY_LIMIT);
      const record = await store.session(id);
      if (present) await sessions.end(present);
      return { exchanges: record?.exchangeCount ?? captures.length, ...summarize(captures), durationS };
    },

    forget: (sessionId) =>
      sessions.withhold(sessionId, async (present) => {
        while (present && present.inFlight.size > 0) {
          for (const controller of present.inFlight) controller.abort(new Cancelled('forget'));
          await present.tail;
        }
        // NOTE: the cache first. If it fails, the learner is told and asks again; the other way round the second time would be "not found".
        await context.forget(sessionId);
        return store.forget(sessionId);
      }),

    // NOTE: who holds a session may have slept through its expiry and its opening by somebody else; the present one counts.
    budget: (session) => budget.state(sessions.find(session.id) ?? session),

    activeIds: () => sessions.active().map(({ id }) => id),

    /** Resolves when no turn is in flight or queued any more. */
    async drain() {
      while (underway.size > 0) await Promise.allSettled(underway);
    },
  };
}

const tooSlow = (seconds: number) =>
  new AppError('timeout', 'turn', `The turn took longer than ${seconds} s and was stopped; please try again.`);

const tooMany = () =>
  new AppError('rate_limited', 'turn', `This session has ${QUEUE_LIMIT} turns waiting; send the next after a reply.`, {
    retryAfterS: 1,
  });
