import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until the answer is not undefined; fails with `what` and the last error after the deadline. */
export async function waitFor<T>(what: string, ask: () => Promise<T | undefined>, deadlineMs = 30_000): Promise<T> {
  const end = Date.now() + deadlineMs;
  let last = '';
  do {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = ` (${(error as Error).message})`;
    }
    await sleep(100);
  } while (Date.now() < end);
  throw new Error(`${what}: not within ${deadlineMs / 1000} s${last}`);
}
