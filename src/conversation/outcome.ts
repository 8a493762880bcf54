import { AppError, Cancelled } from '../errors.ts';
import type { Outcome } from './ports.ts';

/** A turn in which nothing was said: silence, or typed blanks. */
export class NothingHeard extends AppError {
  constructor() {
    super('bad_input', 'turn', 'No words were heard; speak closer to the microphone, or check that it is on.', {
      status: 422,
    });
  }
}

/** A turn that a shutdown broke off before it said anything. */
export class Stopping extends AppError {
  constructor() {
    super('provider_unavailable', 'turn', 'The agent is stopping; say it again in a moment.', {
      status: 503,
      retryAfterS: 5,
    });
  }
}

/** A recording longer than allowed. */
export const tooLong = (seconds: number, most: number) =>
  new AppError('bad_input', 'turn', `The recording is ${seconds.toFixed(1)} s long; send at most ${most} s.`, {
    status: 413,
  });

/** Whether somebody broke the turn off, rather than something failing. */
export const brokenOff = (signal: AbortSignal): boolean => signal.reason instanceof Cancelled;
/** Whether it was the agent itself, because it stops. */
export const byUs = (signal: AbortSignal): boolean =>
  signal.reason instanceof Cancelled && signal.reason.by === 'shutdown';

/** Refused: a limit, a budget or the learner's own input stood in the way. A provider's limit is a failure like any other. */
export function outcomeOf(error: AppError): Outcome {
  if (error instanceof NothingHeard) return 'empty';
  if (error instanceof Stopping) return 'interrupted';
  const ours = error.kind === 'rate_limited' && error.component === 'turn';
  return ours || error.kind === 'budget_exhausted' || error.kind === 'bad_input' ? 'refused' : 'failed';
}
