import type { AppError } from '../errors.ts';
import type { Cost, Intent, Outcome, Stage, Timings } from './ports.ts';

/** What only the domain knows about a turn that is over, told once. */
export type TurnFacts = {
  turnId: string;
  sessionId: string;
  outcome: Outcome;
  /** Broken off by the learner (interrupt, disconnect, erasure), not by us. */
  byLearner: boolean;
  timings: Timings;
  costs: readonly Cost[];
  /** Present once there was an answer, whole or broken off. */
  intent?: Intent;
  quality?: number;
};

/** A turn as its learner perceived it. `startedAt` is the end of speech by our clock, as `performance.now()`; the rest is counted from there. */
export type PerceivedTurn = {
  turnId: string;
  startedAt: number;
  firstWordMs: number | undefined;
  firstSoundMs: number | undefined;
};

/** Watches turns from outside: a trace around each, a span around each stage, and the facts at the end. Never throws. */
export interface TurnWatcher {
  around<T>(turn: { turnId: string; sessionId: string; traceparent?: string }, body: () => Promise<T>): Promise<T>;
  stage<T>(stage: Stage, body: () => Promise<T>): Promise<T>;
  ended(facts: TurnFacts): void;
}

/** Watches sessions: created (not resumed), and over after so many seconds. */
export interface SessionWatcher {
  created(): void;
  over(seconds: number): void;
}

/** The end of every failure that somebody handled: one counter, one log line. Never throws; the same error twice counts once. */
export interface ErrorReporter {
  report(error: AppError): void;
}
