import type { Intent, Speech, Timings } from './ports.ts';

/** What a turn starts from. `receivedAt` is `performance.now()` at the end of speech (or of typing): timings count from there. */
export type TurnInput = {
  turnId: string;
  receivedAt: number;
  /** Speak the reply, sentence by sentence. */
  speak: boolean;
  /** W3C trace context of the client, so that its trace continues. */
  traceparent?: string;
} & ({ speech: Speech } | { text: string });

/** Hears the turn as it happens. Called in order; must not throw. */
export type TurnListener = {
  transcript(text: string): void;
  delta(text: string): void;
  /** One sentence, in order. `last` comes on a chunk of its own, possibly empty. */
  speech(audio: Uint8Array, seq: number, last: boolean): void;
};

/** USD that were spent, and that may be; a `limitUsd` of null is no limit. */
export type Spending = { spentUsd: number; limitUsd: number | null };

/** What a session and this month (UTC) have cost so far. */
export type BudgetState = { session: Spending; month: Spending };

/** A turn that was answered, whole or (`interrupted`) as far as it was said; stored unless `interrupted` came before the first word. */
export type TurnResult = {
  turnId: string;
  sessionId: string;
  userText: string;
  agentText: string;
  intent: Intent;
  interrupted: boolean;
  timestamp: Date;
  timings: Timings;
  costUsd: number;
  /** As this turn left it. */
  budget: BudgetState;
  /** Why the voice is missing, when it is: the reply's words stand. */
  speechProblem?: string;
  /** Said once when 80 % of a budget is spent. */
  budgetWarning?: string;
};

export type SessionSummary = { exchanges: number; topics: string[]; remember: string; durationS: number };

/** A learner's conversation on this instance. Turns in one session run one after the other, in order. */
export interface Session {
  readonly id: string;
  readonly createdAt: Date;
  /** USD that its turns have cost so far, those of former presences included. */
  readonly spentUsd: number;
}

/** What the edges may ask of the domain. Every method throws AppError and nothing else. */
export interface Conversation {
  /** Starts a session, or resumes it by its id (1..128 characters of `A-Za-z0-9._:-`, checked at the edge). */
  open(sessionId?: string): Promise<Session>;
  /**
   * One turn from the end of speech to the stored reply. A failed turn throws with `turn_id`, `cost_usd` and `outcome` in `extra`.
   * `signal` is aborted with `Cancelled` by interrupt, disconnect or shutdown: then the result says `interrupted`.
   */
  turn(session: Session, input: TurnInput, listener: TurnListener, signal: AbortSignal): Promise<TurnResult>;
  /** Ends the session and says what it was about. */
  end(session: Session): Promise<SessionSummary>;
  /** Forgets a session everywhere: store, cache, memory; a turn in flight is cancelled first. False when nobody knew it. */
  forget(sessionId: string): Promise<boolean>;
  /** What the session and the month have cost, at this moment. */
  budget(session: Session): BudgetState;
  /** Ids of the sessions that are active on this instance. */
  activeIds(): string[];
}
