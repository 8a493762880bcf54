import type { WireProblem } from '../edge/protocol.ts';

/** The agent's own kinds, and `disconnected`: the agent could not be reached, or was lost before the end was told. */
export type ProblemKind = WireProblem['kind'] | 'disconnected';

export type ProblemFields = {
  turnId?: string | undefined;
  /** Seconds after which a retry makes sense. */
  retryAfterS?: number | undefined;
  /** What the failed turn cost all the same, in USD. */
  costUsd?: number | undefined;
  /** How the agent counted the turn; missing where none began. */
  outcome?: WireProblem['outcome'];
  cause?: unknown;
};

/** Everything that a client of the agent can fail with; the message says the cure. */
export class ProblemError extends Error {
  readonly kind: ProblemKind;
  readonly turnId: string | undefined;
  readonly retryAfterS: number | undefined;
  readonly costUsd: number | undefined;
  readonly outcome: WireProblem['outcome'];

  constructor(kind: ProblemKind, message: string, fields: ProblemFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'ProblemError';
    this.kind = kind;
    this.turnId = fields.turnId;
    this.retryAfterS = fields.retryAfterS;
    this.costUsd = fields.costUsd;
    this.outcome = fields.outcome;
  }
}

/** A `problem` as it came over the wire. */
export function fromWire(problem: WireProblem): ProblemError {
  const { kind, message, turn_id: turnId, retry_after_s: retryAfterS, cost_usd: costUsd, outcome } = problem;
  return new ProblemError(kind, message, { turnId, retryAfterS, costUsd, outcome });
}
