import type { DEPENDENCIES } from '../catalog/dependencies.ts';
import type { Instruments } from '../instruments.ts';

type Dependency = (typeof DEPENDENCIES)[number];

/** What the gauges read at each collection: the state of the parts just then. */
export type GaugeSources = {
  store: { activeConnections(): number };
  sessions: { active(): { engagement: number }[] };
  /** Spent shares of the budgets, 0 and up. */
  spent: () => { session: number; month: number };
  /** The last known answer of each dependency; undefined for what is not configured or not asked yet. */
  up: () => Record<Dependency, boolean | undefined>;
};

/** Connects every gauge of the catalog that speaks of a part's state. */
export function observeGauges(instruments: Instruments, { store, sessions, spent, up }: GaugeSources): void {
  instruments.database_connections_active.observe(() => store.activeConnections());
  instruments.sessions_active.observe(() => sessions.active().length);
  instruments.user_engagement_score.observe(() => mean(sessions.active().map(({ engagement }) => engagement)));
  instruments.budget_spent_ratio.observe(() => {
    const { session, month } = spent();
    return [
      { value: session, labels: { budget: 'session' } },
      { value: month, labels: { budget: 'month' } },
    ];
  });
  instruments.dependency_up.observe(() =>
    Object.entries(up()).flatMap(([dependency, good]) =>
      good === undefined ? [] : [{ value: good ? 1 : 0, labels: { dependency: dependency as Dependency } }],
    ),
  );
}

const mean = (values: number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
