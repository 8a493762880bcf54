import type { ErrorReporter } from '../../conversation/watchers.ts';
import type { AppError } from '../../errors.ts';
import { errorFields, type Logger } from '../../log.ts';
import type { Instruments } from '../instruments.ts';

/** What a user got wrong is no trouble of ours: it is counted, and logged below `warn`. */
const USERS_OWN = new Set(['bad_input', 'unauthorized', 'not_found', 'rate_limited', 'budget_exhausted']);

/** Counts and logs each error once, however many hands it passes through. */
export function createErrorReporter(instruments: Instruments, log: Logger): ErrorReporter {
  const reported = new WeakSet<AppError>();
  return {
    report(error) {
      if (reported.has(error)) return;
      reported.add(error);
      instruments.errors_total.add(1, { error_type: error.kind, component: error.component });
      const level = error.kind === 'internal' ? 'error' : USERS_OWN.has(error.kind) ? 'info' : 'warn';
      log[level]({ ...errorFields(error), ...error.extra }, 'failure');
    },
  };
}
