/** Containers that a learner may send; raw PCM is wrapped into `wav` at the edge. */
export const AUDIO_FORMATS = ['wav', 'mp3', 'ogg', 'webm', 'flac', 'm4a'] as const;
export type AudioFormat = (typeof AUDIO_FORMATS)[number];

/** One utterance, checked: a whole file of a known container. `seconds` is missing where only a decoder could tell. */
export type Speech = { bytes: Uint8Array; format: AudioFormat; seconds?: number };

/** `seconds` is the audio's real length, undefined where neither file nor provider tells; `text` is '' for silence. */
export type Transcript = { text: string; seconds: number | undefined };

export interface Transcriber {
  readonly model: string;
  transcribe(speech: Speech, signal: AbortSignal): Promise<Transcript>;
  /** The provider's free model list: resolves when key and service are good, else throws AppError. */
  probe(signal: AbortSignal): Promise<void>;
}

export type Message = { role: 'user' | 'assistant'; content: string };
export type Prompt = { system: string; messages: Message[] };

/** Tokens as billed. `estimated` says that a broken stream left output tokens to be estimated. */
export type TokenUsage = {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  estimated: boolean;
};

/** Deltas, then one `usage`, also when the stream breaks or is aborted: usage first, then the throw. `model` is the one that answered. */
export type ReplyPart = { type: 'text'; text: string } | { type: 'usage'; usage: TokenUsage; model: string };

export interface Responder {
  readonly model: string;
  respond(prompt: Prompt, signal: AbortSignal): AsyncIterable<ReplyPart>;
  probe(signal: AbortSignal): Promise<void>;
}

/** One spoken sentence. */
export type SpokenAudio = { bytes: Uint8Array; format: 'wav' | 'mp3' };

export interface Synthesizer {
  readonly model: string;
  synthesize(text: string, signal: AbortSignal): Promise<SpokenAudio>;
}

export const PROVIDERS = ['anthropic', 'openai'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** What one provider call cost. Kept when the learner's words are forgotten, then without `sessionId`. */
export type Cost = {
  provider: Provider;
  model: string;
  /** What was billed: `{ input, output, cache_read, cache_write }`, `{ seconds }` or `{ characters }`. */
  units: Record<string, number>;
  /** `null`: the price table has no such model. */
  usd: number | null;
};

export const INTENTS = ['end_conversation', 'question', 'listing', 'reflection', 'statement'] as const;
export type Intent = (typeof INTENTS)[number];

/** One question and answer, as the context remembers it. */
export type Exchange = { userText: string; agentText: string };

export type CaptureMetadata = {
  turnId: string;
  intent: Intent;
  /** Broken off after its first word: `agentText` is what had been said. */
  interrupted: boolean;
  /** 0..1, absent for interrupted replies. */
  quality?: number;
  source: 'speech' | 'text';
};

export type Capture = {
  id: number;
  sessionId: string;
  timestamp: Date;
  userText: string;
  agentText: string;
  costUsd: number;
  metadata: CaptureMetadata;
};
export type NewCapture = Omit<Capture, 'id'>;
/** A capture, and when its session began. */
export type DatedCapture = Capture & { sessionCreatedAt: Date };

/** `userSnippet`/`agentSnippet`: HTML-escaped, hits in `<mark>`. */
export type SearchHit = Capture & { userSnippet: string; agentSnippet: string };

export type SessionRecord = {
  id: string;
  createdAt: Date;
  lastActivity: Date;
  endedAt: Date | null;
  exchangeCount: number;
  status: 'active' | 'ended' | 'expired';
};
/** `firstWords`: how its first exchange began, at most 80 characters; '' before there is one. */
export type SessionOverview = SessionRecord & { firstWords: string };

export type StoreStats = { totalCaptures: number; uniqueSessions: number; lastCapture: Date | null };

/** Everything that must survive: captures, sessions, costs. Each method is one transaction and throws AppError of component `database`. */
export interface Store {
  /** Stores a turn whole: capture, index, session's count and activity, costs. Resolves only when it would survive a crash. */
  saveTurn(capture: NewCapture, costs: readonly Cost[]): Promise<Capture>;
  /** Costs of a turn that left nothing to store. */
  saveCosts(turnId: string, sessionId: string, timestamp: Date, costs: readonly Cost[]): Promise<void>;
  /** The newest `limit` captures, oldest first. */
  history(sessionId: string, limit: number): Promise<Capture[]>;
  /** Newest first among equals in rank. No string makes it fail. */
  search(query: string, limit: number): Promise<SearchHit[]>;
  stats(): Promise<StoreStats>;
  /** Creates the session, or makes an ended or expired one active again. */
  openSession(sessionId: string, now: Date): Promise<{ session: SessionRecord; created: boolean }>;
  session(sessionId: string): Promise<SessionRecord | undefined>;
  /** The latest `limit` sessions in which something was said, latest activity first. */
  sessions(limit: number): Promise<SessionOverview[]>;
  /** The `limit` captures that follow `after`, of one session or of all: sessions by their beginning, each from its first exchange on. */
  captures(limit: number, from: { sessionId?: string; after?: DatedCapture }): Promise<DatedCapture[]>;
  closeSession(sessionId: string, status: 'ended' | 'expired', now: Date): Promise<void>;
  /** Marks active sessions without activity since then as expired, as after a crash. */
  expireIdle(before: Date): Promise<void>;
  /** Removes captures, index rows and session; its costs stay without the session's id. False when there was nothing. */
  forget(sessionId: string): Promise<boolean>;
  /** USD spent since a moment, by everybody or in one session. Unpriced calls count as 0. */
  spentUsd(filter: { since?: Date; sessionId?: string }): Promise<number>;
  /** Connections that the pool has given out just now. */
  activeConnections(): number;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** The last exchanges, newest last, and how many the session had when they were: an older count gives a stale context away. */
export type CachedContext = { exchangeCount: number; exchanges: Exchange[] };

/** Keeps contexts for `SESSION_TTL_S`. Throws AppError of component `cache`; the turn goes on without. */
export interface ContextCache {
  get(sessionId: string): Promise<CachedContext | undefined>;
  set(sessionId: string, context: CachedContext): Promise<void>;
  delete(sessionId: string): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export const STAGES = ['transcribe', 'context', 'think', 'speak', 'store', 'other'] as const;
export type Stage = (typeof STAGES)[number];

/** Milliseconds from the end of speech. `stages` add up to `total`; `other` is what no stage took, the wait for an earlier turn included. */
export type Timings = {
  total: number;
  firstText: number | null;
  firstSound: number | null;
  stages: Record<Stage, number>;
};

export const OUTCOMES = ['answered', 'failed', 'interrupted', 'refused', 'empty'] as const;
export type Outcome = (typeof OUTCOMES)[number];
