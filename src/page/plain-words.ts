import { ProblemError } from '../client/index.ts';
import { dollars } from './dollars.ts';

/** What went wrong, as a learner can use it: what happened and what to do. */
export function plainWords(thrown: unknown): string {
  if (!(thrown instanceof ProblemError)) return typeof thrown === 'string' ? thrown : (thrown as Error).message;
  // Said by the page itself, while something was being recorded.
  if (thrown.cause instanceof Error && thrown.kind === 'bad_input') return thrown.cause.message;
  const cost = thrown.costUsd ? ` It cost ${dollars(thrown.costUsd)}.` : '';
  if (thrown.kind !== 'disconnected') return thrown.message + cost;
  return 'The connection to the agent was lost. It comes back by itself; say it again then.';
}
