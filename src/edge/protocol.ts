import { z } from 'zod';
import type { Intent, Outcome, Stage } from '../conversation/ports.ts';
import type { ErrorKind } from '../errors.ts';

export const CLIENT_EVENTS = [
  'session:start',
  'audio',
  'audio:end',
  'text',
  'interrupt',
  'heard',
  'session:end',
] as const;
export type ClientEvent = (typeof CLIENT_EVENTS)[number];

export const SERVER_EVENTS = ['transcript', 'reply:delta', 'speech', 'reply', 'problem'] as const;
export type ServerEvent = (typeof SERVER_EVENTS)[number];

/** One utterance, all its chunks together. */
export const MAX_AUDIO_BYTES = 25 * 1024 * 1024;
/** One `audio` event. */
export const MAX_CHUNK_BYTES = 1024 * 1024;
export const MAX_TEXT_CHARS = 8000;
export const MAX_QUERY_CHARS = 2000;

const idCure = 'use 1 to 128 of the characters A-Z a-z 0-9 . _ : -, and more than dots';
/** A session's id: the client's own, or one that it was given. */
export const sessionId = z.string(idCure).regex(/^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,128}$/, idCure);

/** A learner's typed words, trimmed. */
export const learnerText = z
  .string()
  // NOTE: half a character, as a cut-off emoji leaves it, is refused by providers.
  .transform((text) => text.toWellFormed().trim())
  .pipe(
    z.string().min(1, 'write at least one character').max(MAX_TEXT_CHARS, `write at most ${MAX_TEXT_CHARS} characters`),
  );

const limitCure = 'use a whole number from 1 to 100';
const decimal = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
/** How many rows to answer; in digits, where it comes in a query. */
export const rowLimit = z
  .union([z.number(), decimal], limitCure)
  .pipe(z.number().int(limitCure).min(1, limitCure).max(100, limitCure))
  .default(20);

// NOTE: a trace context that can't be read starts a new trace, as W3C asks; it fails nothing.
const traceparent = z
  .string()
  .regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
  .optional()
  .catch(undefined);

/** No turn takes longer than this to be perceived, those before it in its session included. */
const MAX_PERCEIVED_MS = 10 * 60_000;
const milliseconds = `use milliseconds from 0 to ${MAX_PERCEIVED_MS}`;
const perceivedMs = z.number(milliseconds).min(0, milliseconds).max(MAX_PERCEIVED_MS, milliseconds).optional();

/** What may come with each event but `audio`, which is binary. */
export const payloads = {
  'session:start': z.object({ session_id: sessionId.optional(), speak: z.boolean().default(false), traceparent }),
  'audio:end': z.object({ type: z.string().max(100).optional(), traceparent }),
  text: z.object({ text: learnerText, traceparent }),
  interrupt: z.object({ turn_id: z.string().min(1).max(100).optional() }),
  heard: z
    .object({ turn_id: z.string(), first_word_ms: perceivedMs, first_sound_ms: perceivedMs })
    .refine(
      ({ first_word_ms: word, first_sound_ms: sound }) => word !== undefined || sound !== undefined,
      'give first_word_ms, first_sound_ms or both',
    ),
  'session:end': z.object({}),
};

/** Milliseconds from the end of speech; the stages add up to `total_ms`. */
export type WireTimings = {
  total_ms: number;
  first_text_ms: number | null;
  first_sound_ms: number | null;
  stages_ms: Record<Stage, number>;
};

/** USD that were spent, and that may be; a limit of null is no limit. */
export type WireSpending = { spent_usd: number; limit_usd: number | null };

/** What the session and this month (UTC) have cost so far. */
export type WireBudget = { session: WireSpending; month: WireSpending };

/** The end of a turn that was answered, the same over HTTP and sockets. */
export type WireReply = {
  session_id: string;
  turn_id: string;
  user_text: string;
  agent_text: string;
  intent: Intent;
  timestamp: string;
  interrupted: boolean;
  cost_usd: number;
  timings: WireTimings;
  /** As this turn left it. */
  budget: WireBudget;
  /** Why the voice is missing, when it is. */
  speech_problem?: string;
  budget_warning?: string;
};

/** The end of everything that failed on a socket; `turn_id` says of which turn. */
export type WireProblem = {
  kind: ErrorKind;
  message: string;
  turn_id?: string;
  retry_after_s?: number;
  cost_usd?: number;
  outcome?: Outcome;
};

/** What a session was about. */
export type WireSummary = { exchanges: number; topics: string[]; remember: string; duration_s: number };

/** Every acknowledgement. */
export type Ack<T = object> = (answer: ({ ok: true } & T) | { ok: false; problem: WireProblem }) => void;

/** Events that a client sends, as socket.io-client types them. */
export interface ClientToServerEvents {
  'session:start': (
    payload: { session_id?: string; speak?: boolean; traceparent?: string },
    ack: Ack<{ session_id: string; budget: WireBudget }>,
  ) => void;
  audio: (chunk: Uint8Array, ack: Ack<{ bytes: number }>) => void;
  'audio:end': (payload: { type?: string; traceparent?: string }, ack: Ack<{ turn_id: string }>) => void;
  text: (payload: { text: string; traceparent?: string }, ack: Ack<{ turn_id: string }>) => void;
  /** Breaks off one turn of this socket, or all; one that is over, or never was, is no error. */
  interrupt: (payload: { turn_id?: string }, ack: Ack<{ interrupted: number }>) => void;
  /** What the learner perceived, in milliseconds from the end of speech, or of typing; each value once a turn. */
  heard: (payload: { turn_id: string; first_word_ms?: number; first_sound_ms?: number }, ack: Ack) => void;
  'session:end': (payload: object, ack: Ack<{ summary: WireSummary }>) => void;
}

/** Events that a client hears. Every acknowledged turn ends in exactly one `reply` or one `problem`. */
export interface ServerToClientEvents {
  transcript: (payload: { turn_id: string; text: string }) => void;
  'reply:delta': (payload: { turn_id: string; text: string }) => void;
  speech: (payload: { turn_id: string; seq: number; last: boolean }, audio: Uint8Array) => void;
  reply: (payload: WireReply) => void;
  problem: (payload: WireProblem) => void;
}
