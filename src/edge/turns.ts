import { randomUUID } from 'node:crypto';
import type { Conversation, Session, TurnInput } from '../conversation/conversation.ts';
import type { ErrorReporter } from '../conversation/watchers.ts';
import { AppError, type Cancelled, toAppError } from '../errors.ts';
import type { ServerToClientEvents } from './protocol.ts';
import { toWireProblem, toWireReply } from './to-wire.ts';

const MAX_IN_FLIGHT = 8;

/** Sends one event to the client; does nothing once it is gone. */
export type Emit = <E extends keyof ServerToClientEvents>(
  event: E,
  ...args: Parameters<ServerToClientEvents[E]>
) => void;

/** The turns that one socket has in flight, those that wait for an earlier one included. */
export interface Turns {
  /** Makes room for one more, or throws `rate_limited`. */
  admit(): string;
  /** Runs an admitted turn to its one `reply` or one `problem`. Never rejects. */
  run(session: Session, input: TurnInput): Promise<void>;
  /** Breaks off that one, or all, and tells how many there were. Nothing but their end is sent after that. */
  cancel(reason: Cancelled, turnId?: string): number;
}

export function createTurns(conversation: Conversation, reporter: ErrorReporter, emit: Emit): Turns {
  const inFlight = new Map<string, AbortController>();

  return {
    admit() {
      if (inFlight.size >= MAX_IN_FLIGHT) {
        const message = `${inFlight.size} turns are waiting already: wait for a reply, or interrupt.`;
        throw new AppError('rate_limited', 'socket', message, { retryAfterS: 1 });
      }
      return randomUUID();
    },
    async run(session, input) {
      const controller = new AbortController();
      const { signal } = controller;
      const { turnId } = input;
      inFlight.set(turnId, controller);
      const listener = {
        transcript: (text: string) => void (signal.aborted || emit('transcript', { turn_id: turnId, text })),
        delta: (text: string) => void (signal.aborted || emit('reply:delta', { turn_id: turnId, text })),
        speech: (audio: Uint8Array, seq: number, last: boolean) =>
          void (signal.aborted || emit('speech', { turn_id: turnId, seq, last }, audio)),
      };
      try {
        emit('reply', toWireReply(await conversation.turn(session, input, listener, signal)));
      } catch (thrown) {
        const error = toAppError(thrown, 'turn');
        reporter.report(error);
        emit('problem', { ...toWireProblem(error), turn_id: turnId });
      } finally {
        inFlight.delete(turnId);
      }
    },
    cancel(reason, turnId) {
      const meant = [...inFlight].filter(([id]) => turnId === undefined || id === turnId);
      const running = meant.map(([, controller]) => controller).filter(({ signal }) => !signal.aborted);
      for (const controller of running) controller.abort(reason);
      return running.length;
    },
  };
}
