import type { Duration } from './promql.ts';

/** How long rules look back and wait. The shipped rules take their durations as they are; drills divide all of them alike. */
export type Pace = {
  /** The range of a selector. */
  window(duration: Duration): Duration;
  /** The `for` of an alert, or an offset. */
  wait(duration: Duration): Duration;
};

export const asShipped: Pace = { window: (duration) => duration, wait: (duration) => duration };

/** Everything `divisor` times sooner; no window under `leastS` seconds, which must hold at least four samples. */
export function hurried(divisor: number, leastS: number): Pace {
  const divided = (duration: Duration, least: number): Duration =>
    `${Math.max(least, Math.ceil(seconds(duration) / divisor))}s`;
  return { window: (duration) => divided(duration, leastS), wait: (duration) => divided(duration, 1) };
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** A duration in seconds. */
export const seconds = (duration: Duration): number =>
  Number(duration.slice(0, -1)) * UNITS[duration.slice(-1) as keyof typeof UNITS];
