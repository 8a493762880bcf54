import type { Logger } from './log.ts';

const DEADLINE_MS = 2_000;
/** What the last closer, telemetry, keeps for itself of the time for all. */
const LAST_SHARE_MS = 2_500;

type Closer = { name: string; close: () => Promise<void>; deadlineMs: number };

/** What was started and must be stopped, last in, first out, each with a deadline of its own. */
export function createClosing(log: Logger) {
  const closers: Closer[] = [];
  return {
    push(name: string, close: () => Promise<void>, deadlineMs = DEADLINE_MS): void {
      closers.push({ name, close, deadlineMs });
    },
    /** Closes everything within the time, whatever fails; false when something failed or took too long. */
    async all(withinMs: number): Promise<boolean> {
      const end = performance.now() + withinMs;
      let clean = true;
      for (let closer = closers.pop(); closer; closer = closers.pop()) {
        const left = end - performance.now() - (closers.length > 0 ? LAST_SHARE_MS : 0);
        if (!(await closed(closer, Math.max(0, Math.min(left, closer.deadlineMs)), log))) clean = false;
      }
      return clean;
    },
  };
}
export type Closing = ReturnType<typeof createClosing>;

async function closed({ name, close }: Closer, deadlineMs: number, log: Logger): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => {
    log.warn({ part: name, deadline_ms: Math.round(deadlineMs) }, 'is slow to close and was left behind');
    resolve(false);
  }, deadlineMs);
  const work = close().then(
    () => true,
    (error: Error) => {
      log.warn({ part: name, cause: error.message }, 'could not be closed');
      return false;
    },
  );
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
