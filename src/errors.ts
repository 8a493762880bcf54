/** What can go wrong, as the user and the operator see it; one word per cure. */
export const ERROR_KINDS = [
  'bad_input',
  'unauthorized',
  'not_found',
  'rate_limited',
  'budget_exhausted',
  'provider_unavailable',
  'timeout',
  'internal',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** Where it went wrong: the part that an operator would look at first. */
export const COMPONENTS = [
  'http',
  'socket',
  'turn',
  'session',
  'claude',
  'whisper',
  'speech',
  'database',
  'cache',
  'telemetry',
] as const;
export type Component = (typeof COMPONENTS)[number];

export type AppErrorOptions = {
  cause?: unknown;
  /** Seconds after which a retry makes sense. */
  retryAfterS?: number;
  /** HTTP status where the kind has several (bad_input: 400, 413, 415, 422; provider_unavailable: 502, 503). */
  status?: number;
  /** Extension members of the problem document, in wire form: `{ turn_id, cost_usd }`. */
  extra?: Record<string, string | number>;
};

/** The only error that crosses a room's border. Its message is for the user: it names the value and the cure, and holds no learner's words. */
export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly component: Component;
  readonly retryAfterS: number | undefined;
  readonly status: number | undefined;
  extra: Record<string, string | number>;

  constructor(kind: ErrorKind, component: Component, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.kind = kind;
    this.component = component;
    this.retryAfterS = options.retryAfterS;
    this.status = options.status;
    this.extra = options.extra ?? {};
  }
}

/** Gives any thrown value a kind; what has none yet is `internal`, its own message kept as the cause. */
export function toAppError(thrown: unknown, component: Component): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError('internal', component, 'Something went wrong on our side; the log has the details.', {
    cause: thrown,
  });
}

/** Who broke a turn off; `over`: it ended, and what it had still under way is of no use. */
export type CancelledBy = 'interrupt' | 'disconnect' | 'forget' | 'shutdown' | 'over';

/** Why a turn was broken off. It is the `reason` of the turn's AbortSignal, and no error of anybody's. */
export class Cancelled extends Error {
  readonly by: CancelledBy;

  constructor(by: CancelledBy) {
    super(`cancelled by ${by}`);
    this.name = 'Cancelled';
    this.by = by;
  }
}
