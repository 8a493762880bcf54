import type { WireReply } from '../edge/protocol.ts';
import { formatOf } from './audio.ts';
import { createAsk, readJson } from './http-request.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { ProblemError } from './problem-error.ts';

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
  metadata: {
    turn_id: string;
    intent: string;
    interrupted: boolean;
    /** 0 to 1; none of a reply that was broken off. */
    quality?: number;
    source: 'speech' | 'text';
    cost_usd: number;
  };
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
export type Found = { query: string; results: Hit[]; count: number };

/** The agent over HTTP. Every failure is a ProblemError, but for a `signal`, whose reason is thrown as it is. */
export interface Rest {
  readonly ledger: Ledger;
  /** Who answers there, and whether real providers or the sandbox do. */
  info(options?: Asking): Promise<Info>;
  conversation(said: Said, options?: Asking & { sessionId?: string }): Promise<WireReply>;
  search(query: string, options?: Asking & { limit?: number }): Promise<Found>;
  stats(options?: Asking): Promise<Stats>;
  /** The latest sessions, latest activity first. */
  sessions(options?: Asking & { limit?: number }): Promise<{ sessions: SessionOverview[]; count: number }>;
  /** Everything that was said, or one session of it, as a file; never half of one. */
  export(format: 'json' | 'markdown', options?: Asking & { sessionId?: string }): Promise<Download>;
  history(
    sessionId: string,
    options?: Asking & { limit?: number },
  ): Promise<{ session_id: string; history: Remembered[]; count: number }>;
  /** Everything that the session left is gone for good. */
  forget(sessionId: string, options?: Asking): Promise<void>;
}

export function createRest({ url, token, ledger = createLedger() }: RestOptions): Rest {
  const ask = createAsk(url, token, ledger);
  const get = <T>(path: string, endpoint: string, signal?: AbortSignal) =>
    ask({ path, endpoint, method: 'GET', signal }, readJson<T>);
  const json = (body: object) => ({ type: 'application/json', body: JSON.stringify(body) });
  const session = (id: string) => `/api/session/${encodeURIComponent(id.toWellFormed())}`;

  return {
    ledger,
    info: ({ signal } = {}) => get('/', '/', signal),
    async conversation(said, { sessionId, signal } = {}) {
      const query = new URLSearchParams(sessionId === undefined ? {} : { session_id: sessionId });
      const spoken = 'audio' in said;
      const sent = spoken
        ? // NOTE: whatever the type says, the agent believes the bytes, raw samples apart.
          { body: said.audio, type: said.type ?? 'audio/wav' }
        : json({ session_id: sessionId, text: said.text });
      const path = spoken ? `/api/conversation?${query}` : '/api/conversation';
      /** The turn began: its session is open, its audio was taken. */
      const began = (id: string) => {
        ledger.session(id, sessionId);
        if (spoken) ledger.audio(formatOf(said.audio, said.type), said.audio.length);
      };
      try {
        const request = { path, endpoint: '/api/conversation', method: 'POST', ...sent, signal };
        const reply = await ask(request, readJson<WireReply>);
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
    search(query, { limit, signal } = {}) {
      const sent = { path: '/api/search', endpoint: '/api/search', method: 'POST', ...json({ query, limit }) };
      return ask({ ...sent, signal }, readJson<Found>);
    },
    stats: ({ signal } = {}) => get('/api/stats', '/api/stats', signal),
    sessions: ({ limit, signal } = {}) => get(`/api/sessions${limited(limit)}`, '/api/sessions', signal),
    export(format, { sessionId, signal } = {}) {
      const query = new URLSearchParams({ format, ...(sessionId !== undefined && { session_id: sessionId }) });
      const sent = { path: `/api/export?${query}`, endpoint: '/api/export', method: 'GET', signal };
      return ask(sent, async (response) => ({ filename: filenameOf(response), blob: await response.blob() }));
    },
    history: (id, { limit, signal } = {}) =>
      get(`${session(id)}/history${limited(limit)}`, '/api/session/{id}/history', signal),
    async forget(id, { signal } = {}) {
      const request = { path: session(id), endpoint: '/api/session/{id}', method: 'DELETE', signal };
      await ask(request, async () => ledger.forgotten(id));
    },
  };
}

const limited = (limit: number | undefined): string => (limit === undefined ? '' : `?limit=${limit}`);

const filenameOf = ({ headers }: Response): string =>
  /filename="([^"]+)"/.exec(headers.get('content-disposition') ?? '')?.[1] ?? 'learning';
