import type { Page } from 'playwright-core';
import { clock, soundSince, untilSilent } from '../../test/support/ear.ts';
import { speak } from '../../test/support/microphone.ts';
import { happened, type Moment, moments } from '../../test/support/witness.ts';
import { answeredWell, quiet, type Spoken } from './page-learner.ts';

/** The sandbox's pace, so that the agent still writes when it is interrupted: milliseconds a token. */
export const TOKEN_MS = 60;
const LONG = 'Explain how a sailing boat can go against the wind';
/** Longer than a breath of the voice. */
const SILENCE_MS = 400;

/** From the learner's Esc, or first voiced sample, to the interrupt that the page sends, and to silence; milliseconds. */
export type BargeIn = { sent: number; silent: number };

/** Breaks in with the key on a reply that is being written and spoken. */
export async function bargeInByKey(page: Page): Promise<BargeIn> {
  await askAtLength(page);
  await page.keyboard.press('Escape');
  const silent = await untilSilent(page, SILENCE_MS);
  await happened(page, 'reply');
  const seen = await moments(page);
  return bargeIn(at(seen, 'Esc'), seen, silent);
}

/** Breaks in by speaking up, hands-free; what was said then is answered too, or it throws. */
export async function bargeInByVoice(page: Page, { wav, voicedFromMs }: Spoken): Promise<BargeIn> {
  await askAtLength(page);
  const spoken = speak(page, wav);
  await happened(page, 'interrupt sent');
  const silent = await untilSilent(page, SILENCE_MS);
  const { beganMs } = await spoken;
  await happened(page, 'end noticed');
  await page.waitForSelector('.turn[aria-busy=true]', { state: 'detached' });
  await answeredWell(page);
  const measured = bargeIn(beganMs + voicedFromMs, await moments(page), silent);
  await quiet(page);
  return measured;
}

/** Resolves when the answer sounds. */
async function askAtLength(page: Page): Promise<void> {
  await moments(page);
  const asked = await clock(page);
  await page.getByLabel('Your words').fill(LONG);
  await page.getByLabel('Your words').press('Enter');
  await soundSince(page, asked);
}

function bargeIn(begin: number, seen: Moment[], silent: number): BargeIn {
  const sent = at(seen, 'interrupt sent');
  // NOTE: whoever breaks in between two words finds silence already; a longer one was not the interrupt's work.
  if (silent < sent - SILENCE_MS)
    throw new Error(`The voice was silent ${sent - silent} ms before it was interrupted.`);
  return { sent: sent - begin, silent: Math.max(sent, silent) - begin };
}

function at(seen: Moment[], wanted: Moment['what']): number {
  const found = seen.find(({ what }) => what === wanted);
  if (!found) throw new Error(`The page did not note: ${wanted}.`);
  return found.atMs;
}
