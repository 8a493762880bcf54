import { AppError } from '../errors.ts';
import type { BudgetState, Session } from './conversation.ts';
import type { Store } from './ports.ts';
import type { LiveSession } from './sessions.ts';

const WARN_AT = 0.8;

/**
 * Keeps spending under a limit per session and per calendar month (UTC), in USD; a limit of 0 is no limit.
 * What this month has cost is read from the store at start, so a restart forgets nothing.
 */
export function createBudget(deps: {
  store: Pick<Store, 'spentUsd'>;
  sessionUsd: number;
  monthUsd: number;
  /** Hears each warning, once. */
  onWarning?: (message: string) => void;
  now?: () => Date;
}) {
  const { store, sessionUsd, monthUsd, onWarning, now = () => new Date() } = deps;
  const monthNow = () => now().toISOString().slice(0, 7);
  let month = { name: '', spentUsd: 0, warned: false };

  function thisMonth(): typeof month {
    const name = monthNow();
    if (name !== month.name) month = { name, spentUsd: 0, warned: false };
    return month;
  }

  return {
    /** Reads what this month has cost so far. */
    async start(): Promise<void> {
      const name = monthNow();
      month = { name, spentUsd: await store.spentUsd({ since: new Date(`${name}-01T00:00:00Z`) }), warned: false };
    },
    /** Throws `budget_exhausted` when the session or the month has nothing left. */
    admit(session: LiveSession): void {
      if (ratio(session.spentUsd, sessionUsd) >= 1) {
        throw spent(
          `This session has spent its budget of ${sessionUsd} USD; start a new session, or raise BUDGET_SESSION_USD.`,
        );
      }
      if (ratio(thisMonth().spentUsd, monthUsd) >= 1) {
        throw spent(
          `This month's budget of ${monthUsd} USD is spent; it starts anew on the 1st (UTC), or raise BUDGET_MONTH_USD.`,
        );
      }
    },
    /** Books what a turn cost, in USD; the answer is a warning, once, when 80 % of a budget is gone. */
    spend(session: LiveSession, usd: number): string | undefined {
      const current = thisMonth();
      session.spentUsd += usd;
      current.spentUsd += usd;
      const warnings: string[] = [];
      if (!session.budgetWarned && ratio(session.spentUsd, sessionUsd) >= WARN_AT) {
        session.budgetWarned = true;
        warnings.push(`80 % of this session's budget of ${sessionUsd} USD is spent.`);
      }
      if (!current.warned && ratio(current.spentUsd, monthUsd) >= WARN_AT) {
        current.warned = true;
        warnings.push(`80 % of this month's budget of ${monthUsd} USD is spent.`);
      }
      for (const warning of warnings) onWarning?.(warning);
      return warnings.length > 0 ? warnings.join(' ') : undefined;
    },
    /** Spent shares, 0 and up; the session's is that of the session which spent most. */
    ratios: (sessions: readonly LiveSession[]) => ({
      session: ratio(Math.max(0, ...sessions.map(({ spentUsd }) => spentUsd)), sessionUsd),
      month: ratio(thisMonth().spentUsd, monthUsd),
    }),
    /** What was spent and may be, for the learner to see. */
    state: (session: Session): BudgetState => ({
      session: spending(session.spentUsd, sessionUsd),
      month: spending(thisMonth().spentUsd, monthUsd),
    }),
    month: () => ({ spentUsd: thisMonth().spentUsd, limitUsd: monthUsd }),
  };
}
export type Budget = ReturnType<typeof createBudget>;

const ratio = (spentUsd: number, limitUsd: number): number => (limitUsd === 0 ? 0 : spentUsd / limitUsd);

const spending = (spentUsd: number, limitUsd: number) => ({ spentUsd, limitUsd: limitUsd === 0 ? null : limitUsd });

const spent = (message: string) => new AppError('budget_exhausted', 'turn', message);
