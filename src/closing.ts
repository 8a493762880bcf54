import type { Logger } from './log.ts';

const DEADLINE_MS = 2_000;

type Closer = { name: string; close: () => Promise<void>; deadlineMs: number; late: (() => void) | undefined };

/** What was started and must be stopped, last in, first out, each with a deadline of its own. */
export function createClosing(log: Logger) {
  const closers: Closer[] = [];
  return {
    /** `late` is called when `close` misses its deadline; then it gets that time once more. */
    push(name: string, close: () => Promise<void>, deadlineMs = DEADLINE_MS, late?: () => void): void {
      closers.push({ name, close, deadlineMs, late });
    },
    /** Closes everything, whatever fails; false when something failed or took too long. */
    async all(): Promise<boolean> {
      let clean = true;
      for (let closer = closers.pop(); closer; closer = closers.pop()) {
        if (!(await closed(closer, log))) clean = false;
      }
      return clean;
    },
  };
}
export type Closing = ReturnType<typeof createClosing>;

async function closed({ name, close, deadlineMs, late }: Closer, log: Logger): Promise<boolean> {
  const work = close().then(
    () => true,
    (error: Error) => {
      log.warn({ part: name, cause: error.message }, 'could not be closed');
      return false;
    },
  );
  const first = await within(deadlineMs, work);
  if (first !== undefined) return first;
  log.warn({ part: name, deadline_ms: deadlineMs }, 'is slow to close');
  late?.();
  return late ? ((await within(deadlineMs, work)) ?? false) : false;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
