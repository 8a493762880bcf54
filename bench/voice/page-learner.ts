import type { Page } from 'playwright-core';
import { wavFromPcm16 } from '../../src/edge/wav.ts';
import { loudness } from '../../src/listening/frames.ts';
import { heard, silentSince, soundSince, untilSilent } from '../../test/support/ear.ts';
import { speak } from '../../test/support/microphone.ts';
import { waitFor } from '../../test/support/wait.ts';
import { happened, moments } from '../../test/support/witness.ts';
import type { Speech } from './learner.ts';

const RATE = 16_000;
const SLOT_MS = 10;
const SLOT_SAMPLES = (RATE * SLOT_MS) / 1000;
/** Of the loudest 10 ms: softer is breath and room, as the page takes it too. */
const VOICED = 0.1;

export const WAYS = ['hands-free', 'push to talk'] as const;
export type Way = (typeof WAYS)[number];

/** What the learner perceives of a turn in the page, in the order in which it happens. */
export const SEEN = ['end noticed', 'transcript', 'first word', 'first sound', 'reply'] as const;
export type Seen = (typeof SEEN)[number];

/** A recording as a microphone hears it; milliseconds from its beginning to its first and behind its last voiced sample. */
export type Spoken = { name: string; wav: Uint8Array; voicedFromMs: number; voicedToMs: number };

/** The first words and sounds that the agent counts: as it sent them, and as the page told it. */
export const KINDS = ['text', 'sound', 'seen', 'heard'] as const;
export type Kind = (typeof KINDS)[number];
export type Account = Record<Kind, { count: number; ms: number }>;
export type Told = () => Promise<Account>;

/**
 * An answered turn: what was perceived when, in milliseconds from the last voiced sample, and what the agent recorded.
 * `missedMs`: sound that came while the page was too busy for the ear.
 */
export type PageTurn = { name: string; seen: Record<Seen, number>; agent: Record<Kind, number>; missedMs: number };

/** Finds where the voice begins and ends. `cut`: without what the recording holds behind it, as one who releases the key. */
export function spokenFrom({ name, pcm }: Speech, { cut = false } = {}): Spoken {
  const samples = Float32Array.from({ length: pcm.length / 2 }, (_, at) => pcm.readInt16LE(at * 2) / 0x8000);
  const slots = Array.from({ length: Math.floor(samples.length / SLOT_SAMPLES) }, (_, slot) =>
    loudness(samples.subarray(slot * SLOT_SAMPLES, (slot + 1) * SLOT_SAMPLES)),
  );
  const least = Math.max(...slots) * VOICED;
  const voicedFromMs = slots.findIndex((loud) => loud >= least) * SLOT_MS;
  const voicedToMs = (slots.findLastIndex((loud) => loud >= least) + 1) * SLOT_MS;
  const kept = cut ? pcm.subarray(0, (voicedToMs * RATE * 2) / 1000) : pcm;
  return { name, wav: wavFromPcm16(kept, RATE), voicedFromMs, voicedToMs };
}

/** Says one thing to the page and hears the beginning of the answer. Throws when it is not answered in full. */
export async function sayToPage(page: Page, way: Way, spoken: Spoken, told: Told): Promise<PageTurn> {
  const before = await told();
  const missed = (await heard(page)).missedMs;
  await moments(page);
  if (way === 'push to talk') await page.keyboard.down('Space');
  const { beganMs } = await speak(page, spoken.wav);
  if (way === 'push to talk') await page.keyboard.up('Space');
  const end = beganMs + spoken.voicedToMs;
  await happened(page, 'reply');
  await answeredWell(page);
  const sound = await soundSince(page, end);
  const after = await toldOnceMore(told, before);
  const { missedMs } = await heard(page);
  await quiet(page);
  const times: Partial<Record<string, number>> = { 'first sound': sound - end };
  for (const { what, atMs } of await moments(page)) times[what] ??= atMs - end;
  const missing = SEEN.filter((what) => times[what] === undefined);
  if (missing.length > 0) throw new Error(`The answer came without: ${missing.join(', ')}.`);
  return {
    name: spoken.name,
    seen: Object.fromEntries(SEEN.map((what) => [what, times[what]])) as PageTurn['seen'],
    agent: Object.fromEntries(KINDS.map((kind) => [kind, after[kind].ms - before[kind].ms])) as PageTurn['agent'],
    missedMs: missedMs - missed,
  };
}

/** Stops the voice, as one who has heard enough, and waits until it is silent. */
export async function quiet(page: Page): Promise<void> {
  if ((await silentSince(page)) === undefined) await page.keyboard.press('Escape');
  await untilSilent(page, 300);
}

/** Throws what the page complains of in its latest turn. */
export async function answeredWell(page: Page): Promise<void> {
  const turn = page.locator('.turn').last();
  const problems = await turn.locator('.problem').allTextContents();
  if (problems.length > 0) throw new Error(problems.join(' '));
  if ((await turn.locator('.agent em').count()) > 0) throw new Error('The reply is not whole: it was interrupted.');
}

/** The agent's counts once they have this turn. */
function toldOnceMore(told: Told, before: Account): Promise<Account> {
  return waitFor('the page’s report of what it showed and sounded', async () => {
    const now = await told();
    return KINDS.every((kind) => now[kind].count === before[kind].count + 1) ? now : undefined;
  });
}
