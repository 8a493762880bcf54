import { AppError } from '../errors.ts';
import { totalUsd } from './costs.ts';
import type { Cost, Store } from './ports.ts';
import type { LiveSession } from './sessions.ts';

const WARN_AT = 0.8;

/**
 * Keeps spending under a limit per session and per calendar month (UTC), in USD; a limit of 0 is no limit.
 * What was spent is read from the store, so a restart forgets nothing.
 */
export function createBudget(deps: {
  store: Pick<Store, 'spentUsd'>;
  sessionUsd: number;
  monthUsd: number;
  now?: () => Date;
}) {
  const { store, sessionUsd, monthUsd, now = () => new Date() } = deps;
  let month = '';
  let spentMonth = 0;
  let warnedMonth = false;
  const ratio = (spent: number, limit: number) => (limit === 0 ? 0 : spent / limit);

  async function currentMonth(): Promise<void> {
    const current = now().toISOString().slice(0, 7);
    if (current === month) return;
    const spent = await store.spentUsd({ since: new Date(`${current}-01T00:00:00Z`) });
    if (current === month) return;
    month = current;
    spentMonth = spent;
    warnedMonth = false;
  }

  return {
    /** Reads what this month has cost so far. */
    start: currentMonth,
    /** Throws `budget_exhausted` when the session or the month has nothing left. */
    async admit(session: LiveSession): Promise<void> {
      await currentMonth();
      if (ratio(session.spentUsd, sessionUsd) >= 1) {
        throw new AppError(
          'budget_exhausted',
          'turn',
          `This session has spent its budget of ${sessionUsd} USD; start a new session, or raise BUDGET_SESSION_USD.`,
        );
      }
      if (ratio(spentMonth, monthUsd) >= 1) {
        throw new AppError(
          'budget_exhausted',
          'turn',
          `This month's budget of ${monthUsd} USD is spent; it starts anew on the 1st (UTC), or raise BUDGET_MONTH_USD.`,
        );
      }
    },
    /** Books a turn's costs; the answer is a warning, once, when 80 % of a budget is gone. */
    spend(session: LiveSession, costs: readonly Cost[]): string | undefined {
      const usd = totalUsd(costs);
      session.spentUsd += usd;
      spentMonth += usd;
      const warnings: string[] = [];
      if (!session.budgetWarned && ratio(session.spentUsd, sessionUsd) >= WARN_AT) {
        session.budgetWarned = true;
        warnings.push(`80 % of this session's budget of ${sessionUsd} USD is spent.`);
      }
      if (!warnedMonth && ratio(spentMonth, monthUsd) >= WARN_AT) {
        warnedMonth = true;
        warnings.push(`80 % of this month's budget of ${monthUsd} USD is spent.`);
      }
      return warnings.length > 0 ? warnings.join(' ') : undefined;
    },
    /** Spent shares, 0 and up; the session's is that of the session which spent most. */
    ratios: (sessions: readonly LiveSession[]) => ({
      session: ratio(Math.max(0, ...sessions.map(({ spentUsd }) => spentUsd)), sessionUsd),
      month: ratio(spentMonth, monthUsd),
    }),
    month: () => ({ spentUsd: spentMonth, limitUsd: monthUsd }),
  };
}
export type Budget = ReturnType<typeof createBudget>;
