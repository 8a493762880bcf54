import type { WireReply } from '../edge/protocol.ts';
import type { ProblemError } from './problem-error.ts';

/** What a turn brings while it lasts. `speech` is one sentence as a whole sound file; the `last` one may be empty. */
export type TurnEvent =
  | { type: 'transcript'; text: string }
  | { type: 'delta'; text: string }
  | { type: 'speech'; audio: Uint8Array; seq: number; last: boolean }
  | { type: 'reply'; reply: WireReply };

/**
 * One turn, from what was said to its reply. `for await (const event of turn)` gives its events from the first on, as
 * they come, and ends with the `reply` or throws what `reply` rejects with: always a ProblemError, always exactly once.
 */
export interface Turn extends AsyncIterable<TurnEvent> {
  /** Known once the agent has accepted the turn. */
  readonly turnId: Promise<string>;
  /**
   * Resolves when all that was said has been handed to the connection, its last chunk too; whether it has arrived is not
   * known then. Rejects as `reply` does when that never happens.
   */
  readonly handedOver: Promise<void>;
  readonly reply: Promise<WireReply>;
}

/** The side of a turn that the connection writes to. */
export interface TurnRecord extends Turn {
  handOver(): void;
  accept(turnId: string): void;
  tell(event: TurnEvent): void;
  /** Ends it with a problem; after its end nothing changes any more. */
  fail(error: ProblemError): void;
}

export function createTurnRecord(): TurnRecord {
  const id = Promise.withResolvers<string>();
  const handed = Promise.withResolvers<void>();
  const end = Promise.withResolvers<WireReply>();
  const events: TurnEvent[] = [];
  let news = Promise.withResolvers<void>();
  let over = false;
  // NOTE: who looks only at the events must not be punished for the promises that he left alone.
  for (const promise of [id.promise, handed.promise, end.promise]) promise.catch(() => {});

  function wake(): void {
    news.resolve();
    news = Promise.withResolvers();
  }
  return {
    turnId: id.promise,
    handedOver: handed.promise,
    reply: end.promise,
    handOver: handed.resolve,
    accept: id.resolve,
    tell(event) {
      if (over) return;
      events.push(event);
      if (event.type === 'reply') {
        over = true;
        end.resolve(event.reply);
      }
      wake();
    },
    fail(error) {
      if (over) return;
      over = true;
      id.reject(error);
      handed.reject(error);
      end.reject(error);
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (let next = 0; ; next++) {
        while (next >= events.length) {
          if (over) {
            await end.promise;
            return;
          }
          await news.promise;
        }
        yield events[next] as TurnEvent;
      }
    },
  };
}
