import type { WireProblem, WireReply } from '../edge/protocol.ts';
import { formatOf } from './audio.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { fromWire, ProblemError } from './problem-error.ts';

export type RestOptions = {
  /** The agent's address, as `http://127.0.0.1:8000`. */
  url: string;
  token?: string | undefined;
  ledger?: Ledger | undefined;
};

/** Something said in one request: words, or a recording with its `type` where the bytes can't tell. */
export type Said = { text: string } | { audio: Uint8Array; type?: string };
export type Info = { status: string; service: string; version: string; providers: 'live' | 'sandbox' };
export type Hit = {
  id: number;
  session_id: string;
  timestamp: string;
  user_text: string;
  agent_text: string;
  /** HTML, escaped, with the hits in `<mark>`. */
  user_snippet: string;
  agent_snippet: string;
};
export type Remembered = {
  id: number;
  timestamp: string;
  user_text: string;
  agent_text: string;
  metadata: Record<string, unknown>;
};
export type Stats = {
  database: { total_captures: number; unique_sessions: number; last_capture: string | null };
  sessions: { active: number; ids: string[] };
};
/** How a session stands that the agent remembers; `first_words` is '' where nothing has been said. */
export type SessionOverview = {
  session_id: string;
  created_at: string;
  last_activity: string;
  ended_at: string | null;
  status: 'active' | 'ended' | 'expired';
  exchange_count: number;
  first_words: string;
};
/** A whole file, and the name that the agent gives it. */
export type Download = { filename: string; blob: Blob };
export type Asking = { signal?: AbortSignal };

/** The agent over HTTP. Every failure is a ProblemError. */
export interface Rest {
  readonly ledger: Ledger;
  /** Who answers there, and whether real providers or the sandbox do. */
  info(options?: Asking): Promise<Info>;
  conversation(said: Said, options?: Asking & { sessionId?: string }): Promise<WireReply>;
  search(
    query: string,
    options?: Asking & { limit?: number },
  ): Promise<{ query: string; results: Hit[]; count: number }>;
  stats(options?: Asking): Promise<Stats>;
  /** The latest sessions, latest activity first. */
  sessions(options?: Asking & { limit?: number }): Promise<{ sessions: SessionOverview[]; count: number }>;
  /** Everything that was said, or one session of it, as a file; one that breaks off on its way is a `disconnected`, never half a file. */
  export(format: 'json' | 'markdown', options?: Asking & { sessionId?: string }): Promise<Download>;
  history(
    sessionId: string,
    options?: Asking & { limit?: number },
  ): Promise<{ session_id: string; history: Remembered[]; count: number }>;
  /** Everything that the session left is gone for good. */
  forget(sessionId: string, options?: Asking): Promise<void>;
}

type Sent = { path: string; endpoint: string; method: string; body?: string | Uint8Array; type?: string } & Asking;

export function createRest({ url, token, ledger = createLedger() }: RestOptions): Rest {
  async function ask({ path, endpoint, method, body, type, signal }: Sent): Promise<Response> {
    const headers = new Headers();
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    if (type !== undefined) headers.set('content-type', type);
    const response = await fetch(new URL(path, url), {
      method,
      headers,
      // NOTE: the DOM's types doubt that the bytes are not shared memory.
      ...(body === undefined ? {} : { body: body as string | Uint8Array<ArrayBuffer> }),
      ...(signal ? { signal } : {}),
    }).catch((cause) => {
      signal?.throwIfAborted();
      throw new ProblemError('disconnected', `No agent answers at ${url}.`, { cause });
    });
    ledger.request(endpoint, method, response.status);
    if (response.ok) return response;
    throw await refusal(response);
  }
  const json = (body: object) => ({ type: 'application/json', body: JSON.stringify(body) });
  const session = (id: string) => `/api/session/${encodeURIComponent(id)}`;

  return {
    ledger,
    async info({ signal } = {}) {
      const response = await ask({ path: '/', endpoint: '/', method: 'GET', ...has(signal) });
      return response.json() as Promise<Info>;
    },
    async conversation(said, { sessionId, signal } = {}) {
      const query = sessionId === undefined ? '' : `?session_id=${encodeURIComponent(sessionId)}`;
      const spoken = 'audio' in said;
      const sent = spoken
        ? // NOTE: whatever the type says, the agent believes the bytes, raw samples apart.
          { body: said.audio, type: said.type ?? 'audio/wav' }
        : json({ session_id: sessionId, text: said.text });
      const path = `/api/conversation${spoken ? query : ''}`;
      /** The turn began: its session is open, its audio was taken. */
      const began = (id: string) => {
        ledger.session(id, sessionId);
        if (spoken) ledger.audio(formatOf(said.audio, said.type), said.audio.length);
      };
      try {
        const response = await ask({ path, endpoint: '/api/conversation', method: 'POST', ...sent, ...has(signal) });
        const reply = (await response.json()) as WireReply;
        began(reply.session_id);
        ledger.reply(reply);
        return reply;
      } catch (thrown) {
        if (thrown instanceof ProblemError && thrown.outcome !== undefined) {
          began(sessionId ?? '');
          ledger.problem(thrown);
        }
        throw thrown;
      }
    },
    async search(query, { limit, signal } = {}) {
      const sent = { path: '/api/search', endpoint: '/api/search', method: 'POST', ...json({ query, limit }) };
      return (await ask({ ...sent, ...has(signal) })).json() as ReturnType<Rest['search']>;
    },
    async stats({ signal } = {}) {
      const response = await ask({ path: '/api/stats', endpoint: '/api/stats', method: 'GET', ...has(signal) });
      return response.json() as Promise<Stats>;
    },
    async sessions({ limit, signal } = {}) {
      const path = `/api/sessions${limit === undefined ? '' : `?limit=${limit}`}`;
      const sent = { path, endpoint: '/api/sessions', method: 'GET', ...has(signal) };
      return (await ask(sent)).json() as ReturnType<Rest['sessions']>;
    },
    async export(format, { sessionId, signal } = {}) {
      const query = new URLSearchParams({ format, ...(sessionId !== undefined && { session_id: sessionId }) });
      const sent = { path: `/api/export?${query}`, endpoint: '/api/export', method: 'GET', ...has(signal) };
      const response = await ask(sent);
      const blob = await response.blob().catch((cause) => {
        signal?.throwIfAborted();
        throw new ProblemError('disconnected', 'The export broke off on its way: ask for it again.', { cause });
      });
      return { filename: filenameOf(response), blob };
    },
    async history(id, { limit, signal } = {}) {
      const path = `${session(id)}/history${limit === undefined ? '' : `?limit=${limit}`}`;
      const sent = { path, endpoint: '/api/session/{id}/history', method: 'GET', ...has(signal) };
      return (await ask(sent)).json() as ReturnType<Rest['history']>;
    },
    async forget(id, { signal } = {}) {
      await ask({ path: session(id), endpoint: '/api/session/{id}', method: 'DELETE', ...has(signal) });
      ledger.forgotten(id);
    },
  };
}

const has = (signal: AbortSignal | undefined): Asking => (signal ? { signal } : {});

const filenameOf = ({ headers }: Response): string =>
  /filename="([^"]+)"/.exec(headers.get('content-disposition') ?? '')?.[1] ?? 'learning';

/** RFC 9457, or whatever a proxy in between has to say. */
async function refusal(response: Response): Promise<ProblemError> {
  const { status, headers } = response;
  if (headers.get('content-type')?.startsWith('application/problem+json')) {
    const { detail, ...problem } = (await response.json()) as WireProblem & { detail: string };
    return fromWire({ ...problem, message: detail });
  }
  const start = (await response.text()).slice(0, 200);
  return new ProblemError('internal', `${response.url} answered ${status} and no problem document: ${start}`);
}
