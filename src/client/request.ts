import type { Socket } from 'socket.io-client';
import type { ClientEvent, ClientToServerEvents, ServerToClientEvents } from '../edge/protocol.ts';
import { fromWire, ProblemError } from './problem-error.ts';

const ACK_TIMEOUT_MS = 30_000;

export type Payload<E extends ClientEvent> = Parameters<ClientToServerEvents[E]>[0];
type Answer<E extends ClientEvent> = Parameters<Parameters<ClientToServerEvents[E]>[1]>[0];
/** What an event is acknowledged with when it is taken. */
export type Accepted<E extends ClientEvent> = Extract<Answer<E>, { ok: true }>;
/** `sent` is called when the connection has it, `accepted` before any later event is heard. */
export type Acceptance<E extends ClientEvent> = {
  sent?: () => void;
  accepted?: (answer: Accepted<E>) => void;
  timeoutMs?: number | undefined;
};

/** Sends one event and resolves with its acknowledgement; rejects with what the agent says, or `lost()` where the connection went first. */
export function sendRequest<E extends ClientEvent>(
  socket: Socket<ServerToClientEvents, ClientToServerEvents>,
  event: E,
  payload: Payload<E>,
  { sent, accepted, timeoutMs = ACK_TIMEOUT_MS, lost }: Acceptance<E> & { lost: () => ProblemError },
): Promise<Accepted<E>> {
  return new Promise((resolve, reject) => {
    const settle = (failure: Error | null, answer: Answer<E>) => {
      if (failure) reject(socket.connected ? late(event, timeoutMs) : lost());
      else if (!answer.ok) reject(fromWire(answer.problem));
      else {
        accepted?.(answer as Accepted<E>);
        resolve(answer as Accepted<E>);
      }
    };
    emit(socket.timeout(timeoutMs), event, payload, settle);
    sent?.();
  });
}

/** NOTE: the types of socket.io-client can't follow an event's name that is itself a variable. */
function emit(socket: object, event: ClientEvent, payload: unknown, settle: (...args: never[]) => void): void {
  (socket as { emit(...args: unknown[]): void }).emit(event, payload, settle);
}

function late(event: ClientEvent, timeoutMs: number): ProblemError {
  return new ProblemError('timeout', `The agent did not acknowledge ${event} within ${timeoutMs / 1000} s.`, {
    retryAfterS: 1,
  });
}
