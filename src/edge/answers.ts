import type { ErrorReporter } from '../conversation/watchers.ts';
import { AppError, toAppError } from '../errors.ts';
import type { Limits } from './limits.ts';
import { CLIENT_EVENTS, type ClientEvent } from './protocol.ts';
import { toWireProblem } from './to-wire.ts';
import type { Emit } from './turns.ts';
import { kindOf } from './validate.ts';
import type { EdgeWatcher } from './watcher.ts';

const MAX_WAITING = 1000;

export type Acknowledge = (fields?: object) => void;
/** Does what an event asks. What it returns goes on while later events are heard; its failure is answered the same way. */
export type Handler = (
  payload: unknown,
  acknowledge: Acknowledge,
  receivedAt: number,
) => Promise<undefined | (() => Promise<void>)>;

export type AnswersDeps = { watcher: EdgeWatcher; reporter: ErrorReporter; limits: Limits };

export interface Answers {
  /** Takes an event in its turn and answers it once: by its acknowledgement, or by a `problem` when it brought none. Never rejects. */
  hear(event: string, args: unknown[]): Promise<void>;
  /** Resolves when everything that was begun is over. */
  idle(): Promise<void>;
}

/**
 * Takes the events of one socket one after the other, so that an answer that waits for the database can't be overtaken.
 * `settled` hears of each, in its turn, when it has been taken or refused, for whatever reason.
 */
export function createAnswers(
  client: string,
  handlers: Record<ClientEvent, Handler>,
  { watcher, reporter, limits }: AnswersDeps,
  emit: Emit,
  settled: (event: ClientEvent) => void,
): Answers {
  const told = new WeakSet<AppError>();
  const running = new Set<Promise<void>>();
  /** Refused since the last event that found a place. */
  const turnedAway = new Set<ClientEvent>();
  let queue = Promise.resolve();
  let waiting = 0;

  async function answer(event: string, args: unknown[], receivedAt: number, refusal?: AppError): Promise<void> {
    const { payload, surplus, ack } = split(args);
    const acknowledge = (fields?: object) => ack?.({ ok: true, ...fields });
    const fail = (thrown: unknown) => {
      const error = toAppError(thrown, 'socket');
      reporter.report(error);
      // NOTE: a spoiled recording is one problem, however many chunks of it still arrive.
      if (ack) ack({ ok: false, problem: toWireProblem(error) });
      else if (event !== 'audio' || !told.has(error)) emit('problem', toWireProblem(error));
      told.add(error);
    };
    try {
      if (refusal) throw refusal;
      if (event !== 'audio') await limits.event(client);
      if (!isClientEvent(event)) {
        throw badEvent(`${JSON.stringify(event.slice(0, 60))} is not known: send one of ${CLIENT_EVENTS.join(', ')}.`);
      }
      if (surplus.length > 0) {
        const after = surplus.map(kindOf).join(', ').slice(0, 100);
        throw badEvent(
          `${event} takes one payload and an acknowledgement function, and came with ${after} after its payload.`,
        );
      }
      const rest = await handlers[event](payload, acknowledge, receivedAt);
      if (!rest) return;
      const work = rest().catch(fail);
      running.add(work);
      void work.then(() => running.delete(work));
    } catch (thrown) {
      fail(thrown);
    }
  }

  /** NOTE: refused at once, but settled behind what was sent before it; once, however many are refused. */
  function turnAway(event: string): void {
    if (!isClientEvent(event) || turnedAway.has(event)) return;
    turnedAway.add(event);
    queue = queue.then(() => settled(event));
  }

  return {
    hear(event, args) {
      const receivedAt = performance.now();
      watcher.message('received', event);
      if (waiting >= MAX_WAITING) {
        turnAway(event);
        return answer(event, args, receivedAt, tooMany());
      }
      waiting += 1;
      turnedAway.clear();
      queue = queue.then(async () => {
        await answer(event, args, receivedAt);
        if (isClientEvent(event)) settled(event);
        waiting -= 1;
      });
      return queue;
    },
    async idle() {
      await queue;
      await Promise.all(running);
    },
  };
}

/** NOTE: an acknowledgement that was not asked for as one arrives as plain data, a number for example; calling it would end the process. */
function split(args: unknown[]): { payload: unknown; surplus: unknown[]; ack?: (answer: object) => void } {
  const last = args.at(-1);
  const hasAck = typeof last === 'function';
  const [payload, ...surplus] = hasAck ? args.slice(0, -1) : args;
  return { payload, surplus, ack: hasAck ? (last as (answer: object) => void) : undefined };
}

function isClientEvent(event: string): event is ClientEvent {
  return (CLIENT_EVENTS as readonly string[]).includes(event);
}

function tooMany(): AppError {
  const message = `More than ${MAX_WAITING} events are waiting: wait for acknowledgements before sending more.`;
  return new AppError('rate_limited', 'socket', message, { retryAfterS: 1 });
}

/** An event that is unknown, malformed or out of place. */
export function badEvent(message: string): AppError {
  return new AppError('bad_input', 'socket', message);
}
