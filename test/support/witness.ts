import type { Page } from 'playwright-core';

/**
 * What a page shows and does, by its `performance.now()`: words at the frame that draws them, Esc when the browser
 * received it, the end of the learner's speech when the page stops listening.
 */
export type Moment = {
  what: 'end noticed' | 'transcript' | 'first word' | 'reply' | 'Esc' | 'interrupt sent';
  atMs: number;
};

type WithWitness = { witness: { take(): Moment[]; has(what: Moment['what']): boolean } };

/** What happened on a page that was opened with `witness: true`, since the last time that somebody asked. */
export const moments = (page: Page): Promise<Moment[]> =>
  page.evaluate(() => (globalThis as unknown as WithWitness).witness.take());

/** Waits until this has happened since the moments were taken. */
export async function happened(page: Page, what: Moment['what'], timeoutMs = 30_000): Promise<void> {
  await page.waitForFunction((what) => (globalThis as unknown as WithWitness).witness.has(what), what, {
    polling: 20,
    timeout: timeoutMs,
  });
}
