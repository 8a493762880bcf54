import { STAGES, type Stage, type Timings } from './ports.ts';
import type { TurnWatcher } from './watchers.ts';

/** Accounts for a turn's time: one stage at a time, the rest is `other`, so that the stages add up to the total. */
export function createStageClock(receivedAt: number, watcher: Pick<TurnWatcher, 'stage'>) {
  const taken = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>;
  let firstText: number | null = null;
  let firstSound: number | null = null;
  const elapsed = () => performance.now() - receivedAt;
  return {
    /** Runs one stage; stages must not overlap. */
    async stage<T>(stage: Exclude<Stage, 'other'>, body: () => Promise<T>): Promise<T> {
      const startedAt = performance.now();
      try {
        return await watcher.stage(stage, body);
      } finally {
        taken[stage] += performance.now() - startedAt;
      }
    },
    /** Marks the first word or sound that went to the learner; later calls change nothing. */
    first(kind: 'text' | 'sound'): void {
      if (kind === 'text') firstText ??= elapsed();
      else firstSound ??= elapsed();
    },
    /** Milliseconds so far. */
    read(): Timings {
      const total = elapsed();
      const staged = STAGES.reduce((sum, stage) => sum + (stage === 'other' ? 0 : taken[stage]), 0);
      return { total, firstText, firstSound, stages: { ...taken, other: Math.max(0, total - staged) } };
    },
  };
}
export type StageClock = ReturnType<typeof createStageClock>;
