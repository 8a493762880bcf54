import { io, type Socket } from 'socket.io-client';
import type {
  ClientEvent,
  ClientToServerEvents,
  ServerToClientEvents,
  WireBudget,
  WireProblem,
} from '../edge/protocol.ts';
import type { Ledger } from './ledger.ts';
import { fromWire, ProblemError } from './problem-error.ts';
import { type Acceptance, type Accepted, type Payload, sendRequest } from './request.ts';

const CONNECT_TIMEOUT_MS = 10_000;

export type ConnectionOptions = {
  /** The agent's address, as `http://127.0.0.1:8000`. */
  url: string;
  token?: string | undefined;
  /** Resumes this session; without it the agent starts a new one. */
  sessionId?: string | undefined;
  /** Asks for spoken replies beside the written ones. */
  speak?: boolean | undefined;
  /** W3C trace context that the session's turns continue. */
  traceparent?: string | undefined;
  /** How long the agent may take to acknowledge an event, in milliseconds; 30 s unless told. */
  ackTimeoutMs?: number | undefined;
  /** The connection is gone and comes back by itself, or, with any kind but `disconnected`, is gone for good. */
  onOffline?: ((problem: ProblemError) => void) | undefined;
  /** The session is open again. */
  onOnline?: (() => void) | undefined;
};

/** An `epoch` that is over lets nothing be sent. */
export type RequestOptions<E extends ClientEvent> = Acceptance<E> & { epoch?: number };

/** A socket that keeps its session across reconnections. */
export interface Connection {
  readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  readonly sessionId: string;
  /** As the session's opening or the latest reply told it; undefined before the session is open. */
  readonly budget: WireBudget | undefined;
  /** Changes with every connection and loss: what was begun in another epoch is stale. */
  readonly epoch: number;
  /** Sends one event and waits for its acknowledgement; what was asked for offline is refused, not sent late. */
  request<E extends ClientEvent>(event: E, payload: Payload<E>, options?: RequestOptions<E>): Promise<Accepted<E>>;
  /** Resolves when the session is open, now or after the reconnection; rejects when it will not be. */
  online(): Promise<void>;
  /** Opens the session anew on the same connection: the agent lets go of a half-sent recording. */
  reopen(): Promise<void>;
  /** Asks for spoken replies from the next turn on, or no longer, now and after each reconnection; offline it is only remembered. */
  setSpeak(on: boolean): Promise<void>;
  /** The session is over by the learner's wish: a reconnection does not bring it back. */
  leave(): void;
  close(): void;
}

export function openConnection(options: ConnectionOptions, ledger: Ledger): Connection {
  const { url, token, traceparent, ackTimeoutMs, onOffline, onOnline } = options;
  let { sessionId, speak = false } = options;
  let budget: WireBudget | undefined;
  let epoch = 0;
  let opened = false;
  let left = false;
  let closed: ProblemError | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let online = Promise.withResolvers<void>();
  online.promise.catch(() => {});

  const socket: Connection['socket'] = io(url, {
    forceNew: true,
    transports: ['websocket'],
    auth: token === undefined ? {} : { token },
    timeout: CONNECT_TIMEOUT_MS,
    reconnectionDelay: 250,
    reconnectionDelayMax: 5000,
  });
  socket.onAnyOutgoing((event) => ledger.event('received', event));
  socket.onAny((event) => ledger.event('sent', event));

  const offline = () =>
    closed ??
    new ProblemError('disconnected', `Not connected to ${url}: wait until the connection is back, then say it again.`);

  async function request<E extends ClientEvent>(
    event: E,
    payload: Payload<E>,
    { epoch: meant = epoch, ...how }: RequestOptions<E> = {},
  ): Promise<Accepted<E>> {
    if (!socket.connected || meant !== epoch) throw offline();
    return sendRequest(socket, event, payload, { timeoutMs: ackTimeoutMs, ...how, lost: offline });
  }

  async function reopen(): Promise<void> {
    if (left) return;
    const asked = sessionId;
    await request(
      'session:start',
      { session_id: asked, speak, traceparent },
      {
        accepted(answer) {
          sessionId = answer.session_id;
          budget = answer.budget;
          ledger.session(sessionId, asked);
        },
      },
    );
  }

  async function setSpeak(on: boolean): Promise<void> {
    speak = on;
    await reopen().catch((thrown: ProblemError) => {
      // Then the next connection tells it.
      if (thrown.kind !== 'disconnected') throw thrown;
    });
  }

  async function enter(): Promise<void> {
    try {
      await reopen();
      if (opened) onOnline?.();
      opened = true;
      online.resolve();
    } catch (thrown) {
      refused(thrown as ProblemError, () => void (socket.connected && enter()));
    }
  }

  /** Not let in: tries again when the agent says when, gives up when it doesn't, or at the very first time. */
  function refused(problem: ProblemError, again: () => void): void {
    if (closed || (opened && problem.kind === 'disconnected')) return;
    if (opened && problem.retryAfterS !== undefined) {
      retry = setTimeout(again, problem.retryAfterS * 1000);
      return;
    }
    shut(problem);
    if (opened) onOffline?.(problem);
  }

  function shut(reason: ProblemError): void {
    closed ??= reason;
    clearTimeout(retry);
    online.reject(closed);
    socket.disconnect();
  }

  socket.on('reply', (reply) => {
    budget = reply.budget;
  });
  socket.on('connect', () => {
    epoch += 1;
    ledger.connected();
    void enter();
  });
  socket.on('connect_error', (error: Error & { data?: WireProblem }) => {
    const unreachable = () => new ProblemError('disconnected', `No agent answers at ${url}.`, { cause: error });
    refused(error.data ? fromWire(error.data) : unreachable(), () => socket.connect());
  });
  socket.on('disconnect', (reason) => {
    epoch += 1;
    // NOTE: what socket.io kept for later would be sent at the next connect, when nobody means it any more.
    socket.sendBuffer.length = 0;
    ledger.disconnected();
    if (closed) return;
    online = Promise.withResolvers();
    online.promise.catch(() => {});
    onOffline?.(new ProblemError('disconnected', `The connection to ${url} was lost (${reason}).`));
    if (!socket.active) socket.connect();
  });

  return {
    socket,
    get sessionId() {
      return sessionId ?? '';
    },
    get budget() {
      return budget;
    },
    get epoch() {
      return epoch;
    },
    request,
    online: () => (closed ? Promise.reject(closed) : online.promise),
    reopen,
    setSpeak,
    leave() {
      left = true;
    },
    close: () => shut(new ProblemError('disconnected', `The connection to ${url} is closed.`)),
  };
}
