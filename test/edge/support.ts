import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io, type Socket } from 'socket.io-client';
import type {
  Conversation,
  Session,
  TurnInput,
  TurnListener,
  TurnResult,
} from '../../src/conversation/conversation.ts';
import type { Capture, SearchHit, SessionRecord, Store } from '../../src/conversation/ports.ts';
import type { PerceivedTurn } from '../../src/conversation/watchers.ts';
import { createAuth } from '../../src/edge/auth.ts';
import { createHealth, type HealthOptions } from '../../src/edge/health.ts';
import { createHttp } from '../../src/edge/http.ts';
import { createLimits } from '../../src/edge/limits.ts';
import type { Ack, ClientToServerEvents, ServerToClientEvents } from '../../src/edge/protocol.ts';
import { createSocket } from '../../src/edge/socket.ts';
import type { EdgeWatcher } from '../../src/edge/watcher.ts';
import type { AppError } from '../../src/errors.ts';

export type Client = Socket<ServerToClientEvents, ClientToServerEvents>;
/** How a turn goes; what it throws fails the turn. */
export type TurnScript = (
  session: Session,
  input: TurnInput,
  listener: TurnListener,
  signal: AbortSignal,
) => Promise<TurnResult>;

export const answered: TurnScript = async (session, input, listener) => {
  const said = 'text' in input ? input.text : `${input.speech.format} of ${input.speech.seconds} s`;
  listener.transcript(said);
  listener.delta('Good ');
  listener.delta('question.');
  if (input.speak) {
    listener.speech(Uint8Array.of(1, 2, 3), 0, false);
    listener.speech(new Uint8Array(), 1, true);
  }
  return resultOf(session, input, said, 'Good question.');
};

export function resultOf(session: Session, input: TurnInput, userText: string, agentText: string, interrupted = false) {
  return {
    turnId: input.turnId,
    sessionId: session.id,
    userText,
    agentText,
    intent: 'question' as const,
    interrupted,
    timestamp: new Date('2025-01-21T12:00:00Z'),
    timings: {
      total: 12,
      firstText: 5,
      firstSound: null,
      stages: { transcribe: 1, context: 2, think: 3, speak: 0, store: 4, other: 2 },
    },
    costUsd: 0.00125,
    budget: { session: { spentUsd: 0.00375, limitUsd: 1 }, month: { spentUsd: 4.5, limitUsd: null } },
  };
}

/** A turn that says one word and then waits to be broken off; `started` and `ended` tell of it. */
export function waitingTurn() {
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<unknown>();
  const script: TurnScript = async (session, input, listener, signal) => {
    listener.delta('Well');
    started.resolve();
    if (!signal.aborted) await once(signal, 'abort');
    ended.resolve(signal.reason);
    listener.delta(' this must not be heard');
    return resultOf(session, input, 'go on', 'Well', true);
  };
  return { script, started: started.promise, ended: ended.promise };
}

export type EdgeOptions = {
  turn?: TurnScript;
  end?: Conversation['end'];
  store?: Partial<Store>;
  tokens?: string[];
  perMinute?: number;
  chunksPerMinute?: number;
  socketsPerClient?: number;
  maxSockets?: number;
  providers?: 'live' | 'sandbox';
  health?: Partial<HealthOptions>;
  exportStallMs?: number;
};

export const capture: Capture = {
  id: 7,
  sessionId: 's-1',
  timestamp: new Date('2025-01-21T12:00:00Z'),
  userText: 'what is <b>TCP</b>?',
  agentText: 'A protocol.',
  costUsd: 0.5,
  metadata: { turnId: 't-1', intent: 'question', interrupted: false, quality: 0.75, source: 'text' },
};

/** Real Express and Socket.IO servers on loopback before a conversation that goes by script. */
export async function startEdge(options: EdgeOptions = {}) {
  const seen = watching();
  const state = { ready: true, turn: options.turn ?? answered, inputs: [] as TurnInput[], sessions: new Set<string>() };
  const conversation: Conversation = {
    async open(id = `given-${state.sessions.size}`) {
      state.sessions.add(id);
      return { id, createdAt: new Date(), spentUsd: 0.0025 };
    },
    turn(session, input, listener, signal) {
      state.inputs.push(input);
      return state.turn(session, input, listener, signal);
    },
    end: options.end ?? (async () => ({ exchanges: 2, topics: ['tcp'], remember: 'TCP is reliable.', durationS: 9 })),
    forget: async (id) => state.sessions.delete(id),
    budget: ({ spentUsd }) => ({ session: { spentUsd, limitUsd: 1 }, month: { spentUsd: 4.5, limitUsd: null } }),
    activeIds: () => [...state.sessions],
  };
  const hit: SearchHit = { ...capture, userSnippet: 'what is <mark>TCP</mark>', agentSnippet: 'A protocol.' };
  const record: SessionRecord = {
    id: 'quiet',
    createdAt: new Date('2025-01-21T11:00:00Z'),
    lastActivity: new Date('2025-01-21T11:30:00Z'),
    endedAt: null,
    exchangeCount: 0,
    status: 'active',
  };
  const store = {
    history: async (id: string, limit: number) => (id === 's-1' ? [capture, capture].slice(0, limit) : []),
    search: async (query: string) => (query === '' ? [] : [hit]),
    session: async (id: string) => (id === 'quiet' ? record : undefined),
    sessions: async (limit: number) => [{ ...record, firstWords: 'what is' }].slice(0, limit),
    captures: async () => [],
    stats: async () => ({ totalCaptures: 3, uniqueSessions: 2, lastCapture: capture.timestamp }),
    ...options.store,
  };
  const health = createHealth({
    version: '1.2.3',
    probes: { database: async () => {}, redis: undefined, claude: async () => {}, whisper: async () => {} },
    metrics: () => ({ active_sessions: 1, active_websockets: 2, uptime_seconds: 3 }),
    telemetry: () => ({ status: 'healthy', last_export: null }),
    ...options.health,
  });
  const stopping = new AbortController();
  const { perMinute = 10_000, chunksPerMinute, socketsPerClient } = options;
  const deps = {
    conversation,
    watcher: seen.watcher,
    reporter: { report: (error: AppError) => void seen.errors.push(error) },
    auth: createAuth(options.tokens ?? []),
    limits: createLimits({ perMinute, chunksPerMinute, socketsPerClient, maxAudioS: 60 }),
    ready: () => state.ready,
    stopping: stopping.signal,
    exportStallMs: options.exportStallMs,
  };
  const http = createHttp({
    ...deps,
    store,
    health,
    info: { service: 'learning_voice_agent', version: '1.2.3', providers: options.providers ?? 'sandbox' },
    metricsText: async () => '# TYPE up gauge\nup 1\n',
    metricsJson: async () => ({ requests: { total: 1 } }),
  });
  const server = createServer(http);
  const door = createSocket(server, { ...deps, maxSockets: options.maxSockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const clients: Client[] = [];

  return {
    url,
    port,
    door,
    state,
    stopping,
    ...seen,
    /** A client of its own connection; connects at once. */
    client(token?: unknown, transports = ['websocket']): Client {
      const client: Client = io(url, { transports, forceNew: true, reconnection: false, auth: { token } });
      clients.push(client);
      return client;
    },
    json: (path: string, body: unknown, init: RequestInit = {}) =>
      fetch(url + path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...init,
        headers: { 'content-type': 'application/json', ...init.headers },
      }),
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.disconnect();
      await door.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A watcher that keeps what it was told. */
function watching() {
  const requests: string[] = [];
  const messages: string[] = [];
  const audio: { format: string; bytes: number; seconds: number }[] = [];
  const perceived: [kind: 'seen' | 'heard', seconds: number][] = [];
  const clientTurns: PerceivedTurn[] = [];
  const sockets = { opened: 0, closed: 0 };
  const inProgress = new Map<string, number>();
  const errors: AppError[] = [];
  const finished: (() => void)[] = [];
  const closed: (() => void)[] = [];
  const move = (endpoint: string, by: number) => inProgress.set(endpoint, (inProgress.get(endpoint) ?? 0) + by);
  const watcher: EdgeWatcher = {
    httpStarted(endpoint) {
      move(endpoint, 1);
      return (method, status) => {
        move(endpoint, -1);
        requests.push(`${method} ${endpoint} ${status}`);
        for (const tell of finished.splice(0)) tell();
      };
    },
    socketOpened() {
      sockets.opened += 1;
    },
    socketClosed() {
      sockets.closed += 1;
      for (const tell of closed.splice(0)) tell();
    },
    message: (direction, type) => void messages.push(`${direction} ${type}`),
    perceived: (kind, seconds) => void perceived.push([kind, seconds]),
    clientTurn: (turn) => void clientTurns.push(turn),
    audioReceived: (format, bytes, seconds) => void audio.push({ format, bytes, seconds }),
  };
  const requestFinished = () => new Promise<void>((resolve) => finished.push(resolve));
  const socketClosed = () => new Promise<void>((resolve) => closed.push(resolve));
  return {
    watcher,
    requests,
    messages,
    audio,
    perceived,
    clientTurns,
    sockets,
    inProgress,
    errors,
    requestFinished,
    socketClosed,
  };
}

/** Emits and waits for the acknowledgement. */
export function ask(client: Client, event: string, ...args: unknown[]): Promise<Answer> {
  return (client as Socket).timeout(10_000).emitWithAck(event, ...args);
}
export type Answer = Parameters<Ack<Record<string, never>>>[0] & Record<string, unknown>;

/** The next event of a name. */
export function heard<E extends keyof ServerToClientEvents>(
  client: Client,
  event: E,
): Promise<Parameters<ServerToClientEvents[E]>[0]> {
  return new Promise((resolve) => (client as Socket).once(event as string, resolve));
}

/** Every event that comes, in order. */
export function recordEvents(client: Client): [string, ...unknown[]][] {
  const events: [string, ...unknown[]][] = [];
  client.onAny((...event) => void events.push(event as [string, ...unknown[]]));
  return events;
}

export function problemOf(answer: Answer): { kind: string; message: string; [field: string]: unknown } {
  if (answer.ok !== false) throw new Error(`not refused: ${JSON.stringify(answer)}`);
  return answer.problem as never;
}

export const failing =
  (error: AppError): TurnScript =>
  async () => {
    throw error;
  };
