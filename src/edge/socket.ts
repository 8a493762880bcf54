import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { Server, type Socket } from 'socket.io';
import { AppError, Cancelled, toAppError } from '../errors.ts';
import { type Auth, unauthorized } from './auth.ts';
import { bufferedBytes, MAX_BUFFERED_BYTES } from './backpressure.ts';
import { fromThisMachine } from './origin.ts';
import { CLIENT_EVENTS, MAX_CHUNK_BYTES } from './protocol.ts';
import { createTalk, type Talk, type TalkDeps } from './talk.ts';
import { toWireProblem } from './to-wire.ts';
import type { Emit } from './turns.ts';

const CLOSE_TIMEOUT_MS = 1000;

export type SocketDeps = TalkDeps & {
  auth: Auth;
  /** Connections at once, of everybody. */
  maxSockets?: number;
};

export interface SocketDoor {
  /** Connections that are open now. */
  readonly open: number;
  /** Resolves when no turn is in flight; whoever stops the agent races it with a deadline, having made `ready` false. */
  drained(): Promise<void>;
  /** Breaks off the turns still in flight, lets each tell its end, and closes all connections so that clients reconnect elsewhere. The HTTP server stays the caller's. */
  close(): Promise<void>;
}

/** Everything that is said over Socket.IO, on the HTTP server's port. */
export function createSocket(httpServer: HttpServer, deps: SocketDeps): SocketDoor {
  const { auth, limits, reporter, watcher, maxSockets = 1000 } = deps;
  const talks = new Set<Talk>();
  let closing = false;

  const io = new Server(httpServer, {
    perMessageDeflate: false,
    connectTimeout: 10_000,
    // NOTE: a larger message closes the connection unheard, so this leaves room to refuse a chunk in words.
    maxHttpBufferSize: 4 * MAX_CHUNK_BYTES,
    allowRequest(request, decide) {
      const refusal = refuse(request);
      decide(refusal, refusal === undefined);
    },
  });

  function refuse(request: IncomingMessage): string | undefined {
    if (closing) return 'the agent is shutting down';
    if (io.engine.clientsCount >= maxSockets) return `${maxSockets} connections are open, and no more are allowed`;
    if (!auth.required && !fromThisMachine(request)) return 'a page of another origin may connect only with a token';
    return undefined;
  }

  async function enter(socket: Socket): Promise<void> {
    const { address } = socket.handshake;
    const { token } = socket.handshake.auth;
    const holder = auth.holder(typeof token === 'string' ? token : undefined);
    const client = holder ?? address;
    await limits.event(client);
    if (auth.required && holder === undefined) throw unauthorized('socket', token !== undefined);
    if (socket.conn.readyState !== 'open') return;
    const release = limits.admit(client);
    // NOTE: one connection may carry many sockets, one after the other; and it may close before this one was let in.
    let admitted = true;
    const letGo = () => {
      if (admitted) release();
      admitted = false;
      socket.conn.off('close', letGo);
    };
    socket.conn.once('close', letGo);
    socket.once('disconnect', letGo);
    socket.data.client = client;
  }

  io.use((socket, next) => {
    enter(socket).then(
      () => next(),
      (thrown) => {
        const error = toAppError(thrown, 'socket');
        reporter.report(error);
        next(Object.assign(new Error(error.message), { data: toWireProblem(error) }));
      },
    );
  });

  io.on('connection', (socket) => {
    const start = performance.now();
    const emit: Emit = (event, ...args) => {
      if (!socket.connected) return;
      if (bufferedBytes(socket.conn) > MAX_BUFFERED_BYTES) {
        const message = `The connection was closed: over ${MAX_BUFFERED_BYTES} bytes wait to be read. Read faster, or ask for no speech.`;
        reporter.report(new AppError('rate_limited', 'socket', message));
        socket.conn.close(true);
        return;
      }
      watcher.message('sent', event);
      socket.emit(event, ...args);
    };
    const talk = createTalk(socket.data.client, deps, emit);
    talks.add(talk);
    watcher.socketOpened();

    for (const event of CLIENT_EVENTS) socket.on(event, (...args: unknown[]) => talk.hear(event, args));
    socket.onAny((event, ...args: unknown[]) => {
      if (!(CLIENT_EVENTS as readonly unknown[]).includes(event)) void talk.hear(String(event), args);
    });
    socket.on('disconnect', () => {
      watcher.socketClosed((performance.now() - start) / 1000);
      talk.stop(new Cancelled('disconnect'));
      void talk.idle().then(() => talks.delete(talk));
    });
  });

  const drained = async () => {
    await Promise.all([...talks].map((talk) => talk.idle()));
  };
  return {
    get open() {
      return io.sockets.sockets.size;
    },
    drained,
    async close() {
      closing = true;
      for (const talk of talks) talk.stop(new Cancelled('shutdown'));
      await drained();
      await closeConnections(io);
    },
  };
}

/** Lets what is written be read, for a while, before the connections go. */
async function closeConnections(io: Server): Promise<void> {
  const connections = [...io.sockets.sockets.values()].map(({ conn }) => conn);
  const closed = connections.map((conn) => new Promise((resolve) => conn.once('close', resolve)));
  for (const conn of connections) conn.close();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
  });
  await Promise.race([Promise.all(closed), late]);
  clearTimeout(timer);
  io.engine.close();
}
