import type { Page } from 'playwright-core';

/** What a page has sent to the loudspeaker since it was loaded. Milliseconds are those of its `performance.now()`. */
export type Heard = {
  slotMs: number;
  /** Loudness of one slot after the other: root mean square, of a full scale of 1. */
  rms: number[];
  /** Buffers that were played, and the most that sounded at once. */
  sources: number;
  atOnce: number;
  /** What sounded while the page was too busy for the ear; such slots read 0. */
  missedMs: number;
};

type Ear = {
  heard(): Heard;
  soundSince(ms: number): number | undefined;
  silentSince(): number | undefined;
};
type WithEar = { ear: Ear };

/**
 * Reads the ear of a page that was opened with `ear: true`. It hears what Web Audio sends to the loudspeaker, as it is
 * sent there: a device plays it some 10 to 30 ms later. NOTE: `<audio>` elements go past it.
 */
export const heard = (page: Page): Promise<Heard> =>
  page.evaluate(() => (globalThis as unknown as WithEar).ear.heard());

/** The page's clock, in milliseconds. */
export const clock = (page: Page): Promise<number> => page.evaluate(() => performance.now());

/** Waits for the first sound after a moment, and gives its own. */
export async function soundSince(page: Page, ms: number, timeoutMs = 30_000): Promise<number> {
  const found = await page.waitForFunction((ms) => (globalThis as unknown as WithEar).ear.soundSince(ms), ms, {
    polling: 20,
    timeout: timeoutMs,
  });
  return (await found.jsonValue()) as number;
}

/** Since when nothing sounds any more, 0 when nothing has; undefined while it sounds. */
export const silentSince = (page: Page): Promise<number | undefined> =>
  page.evaluate(() => (globalThis as unknown as WithEar).ear.silentSince());

/** Waits until nothing has sounded for so long, longer than a pause between sentences, and gives when it began. */
export async function untilSilent(page: Page, forMs = 800, timeoutMs = 60_000): Promise<number> {
  const found = await page.waitForFunction(
    (forMs) => {
      const since = (globalThis as unknown as WithEar).ear.silentSince();
      return since !== undefined && performance.now() - since >= forMs ? { since } : undefined;
    },
    forMs,
    { polling: 20, timeout: timeoutMs },
  );
  return ((await found.jsonValue()) as { since: number }).since;
}
