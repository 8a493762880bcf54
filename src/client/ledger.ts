import type { WireReply } from '../edge/protocol.ts';
import type { ProblemError } from './problem-error.ts';

/** Milliseconds from the end of speech, or of typing, until the reply's first word was seen and its first sound heard. */
export type Perceived = { firstWordMs?: number | undefined; firstSoundMs?: number | undefined };

/** As the agent sees it: what a client sends is `received`. */
export type Direction = 'received' | 'sent';

/**
 * What clients know first-hand, to be held against the agent's metrics. One ledger may serve many clients.
 * NOTE: of events and turns that a lost connection swallowed nobody here knows; they are in `lostTurns`.
 */
export interface Ledger {
  event(direction: Direction, type: string): void;
  connected(): void;
  disconnected(): void;
  /** A session that was opened; `asked` is the id that the client brought, if any. */
  session(id: string, asked?: string): void;
  forgotten(id: string): void;
  audio(format: string, bytes: number): void;
  reply(reply: WireReply): void;
  /** A turn that ended in a problem; one that was refused before it began is none. */
  problem(problem: Pick<ProblemError, 'outcome' | 'costUsd'>): void;
  lost(): void;
  /** What was perceived of a turn, once the agent has taken it. */
  heard(perceived: Perceived): void;
  request(endpoint: string, method: string, status: number): void;
  /** Counts under the names and labels of the agent's `/metrics`, labels in order of their names; what never happened is absent. */
  counters(): Map<string, number>;
  /** Connections that are open now. */
  readonly openConnections: number;
  /** Turns whose end was never told. */
  readonly lostTurns: number;
  /** USD, of all turns whose end was told. */
  readonly costUsd: number;
}

export function createLedger(): Ledger {
  const counts = new Map<string, number>();
  const forgotten = new Set<string>();
  let openConnections = 0;
  let lostTurns = 0;

  const add = (name: string, labels: Record<string, string> = {}, amount = 1) => {
    const key = seriesKey(name, labels);
    counts.set(key, (counts.get(key) ?? 0) + amount);
  };
  const turn = (outcome: string, costUsd: number) => {
    add('voice_turns_total', { outcome });
    add('api_cost_total', {}, costUsd);
  };

  return {
    event: (direction, type) => add('websocket_messages_total', { direction, message_type: type }),
    connected() {
      openConnections += 1;
    },
    disconnected() {
      openConnections -= 1;
      add('websocket_connection_duration_seconds_count');
    },
    session(id, asked) {
      // NOTE: whether an id of the client's own is new only the agent knows; a forgotten one is.
      if (asked === undefined || forgotten.delete(id)) add('sessions_total');
    },
    forgotten: (id) => void forgotten.add(id),
    audio(format, bytes) {
      add('audio_size_bytes_count', { format });
      add('audio_size_bytes_sum', { format }, bytes);
    },
    reply(reply) {
      turn(reply.interrupted ? 'interrupted' : 'answered', reply.cost_usd);
      if (reply.agent_text !== '') add('conversation_exchanges_total', { intent: reply.intent });
    },
    problem({ outcome, costUsd = 0 }) {
      if (outcome !== undefined) turn(outcome, costUsd);
    },
    lost() {
      lostTurns += 1;
    },
    heard({ firstWordMs, firstSoundMs }) {
      if (firstWordMs !== undefined) add('voice_turn_first_response_seconds_count', { kind: 'seen' });
      if (firstSoundMs !== undefined) add('voice_turn_first_response_seconds_count', { kind: 'heard' });
    },
    request: (endpoint, method, status) => add('http_requests_total', { endpoint, method, status: String(status) }),
    counters: () => new Map(counts),
    get openConnections() {
      return openConnections;
    },
    get lostTurns() {
      return lostTurns;
    },
    get costUsd() {
      return counts.get('api_cost_total') ?? 0;
    },
  };
}

function seriesKey(name: string, labels: Record<string, string>): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((label) => `${label}="${labels[label]}"`);
  return pairs.length > 0 ? `${name}{${pairs.join(',')}}` : name;
}
