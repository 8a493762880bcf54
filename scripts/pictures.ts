import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Page } from 'playwright-core';
import { connect } from '../src/client/index.ts';
import { startAgent } from '../test/support/agent.ts';
import { openBrowser } from '../test/support/browser.ts';
import { speak } from '../test/support/microphone.ts';
import { recordings } from '../test/support/recordings.ts';
import { indexed } from './boards/png.ts';
import { ROOT } from './stack/parts.ts';

const OUT = join(ROOT, 'docs/pictures');
const LARGE = { width: 1280, height: 800 };
const SMALL = { width: 390, height: 844 };

const EARLIEST = 'What is recursion?';
/** What was learnt before, session by session. */
const EARLIER = [
  [EARLIEST, 'Why does a function call itself?', 'Thanks, bye'],
  ['How do sailing boats go against the wind?', 'What does the keel do?', 'Now I understand it, bye'],
  ['What is the difference between TCP and UDP?', 'Why is it reliable?'],
];
const QUESTION = 'What is a closure?';

async function pictures(): Promise<void> {
  mkdirSync(OUT, { recursive: true });
  const voice = (await recordings()).at(-1);
  if (!voice) throw new Error('The recordings are missing; get them with: make install');
  await using agent = await startAgent();
  for (const texts of EARLIER) await converse(agent.url, texts);
  await using browser = await openBrowser();
  await using open = await browser.open(agent.url, { viewport: LARGE, onDemandMicrophone: true });
  const { page } = open;
  page.setDefaultTimeout(60_000);

  await inState(page, 'idle');
  await page.fill('#text', QUESTION);
  await page.press('#text', 'Enter');
  await inState(page, 'speaking');
  await inState(page, 'idle');

  await page.hover('#talk');
  await page.mouse.down();
  await inState(page, 'listening');
  const spoken = speak(page, voice.bytes);
  await Promise.all([spoken, take(page, 'listening', loud)]);
  await page.mouse.up();
  await page.mouse.move(0, 0);
  await inState(page, 'speaking');
  await take(page, 'speaking');
  await inState(page, 'idle');
  const stages = page.locator('#log summary').last();
  await stages.click();
  await toEnd(page);
  await take(page, 'idle');

  await stages.click();
  await page.setViewportSize(SMALL);
  await toEnd(page);
  await take(page, 'small');
  await page.setViewportSize(LARGE);
  await page.click('#show-memory');
  await page.locator('#memory-view').getByText(EARLIEST).waitFor();
  await take(page, 'history');

  const problems = open.problems();
  if (problems.length > 0) throw new Error(`The page complains:\n${problems.join('\n')}`);
}

/** One session of typed turns, ended. */
async function converse(url: string, texts: string[]): Promise<void> {
  using client = await connect({ url });
  for (const text of texts) await client.say(text).reply;
  await client.end();
}

/** Waits until the page does that: listening, speaking, … */
async function inState(page: Page, state: string): Promise<void> {
  await page.locator(`body[data-state=${state}]`).waitFor();
}

/** Scrolls to the end of the conversation. */
async function toEnd(page: Page): Promise<void> {
  await page.locator('#log').evaluate((log) => log.scrollTo(0, log.scrollHeight));
}

/** Waits until the meter shows that somebody is speaking. */
async function loud(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const { document } = globalThis as unknown as { document: { getElementById(id: string): { value: number } } };
    return document.getElementById('level').value > 0.6;
  });
}

/** The page as it is, in light and in dark, as `page-NAME-light.png` and `page-NAME-dark.png`. */
async function take(page: Page, name: string, ready = async (_: Page) => {}): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await ready(page);
    const png = indexed(await page.screenshot({ animations: 'disabled' }));
    const file = join(OUT, `page-${name}-${colorScheme}.png`);
    writeFileSync(file, png);
    process.stdout.write(`${relative(ROOT, file)}  ${(png.length / 1000).toFixed()} kB\n`);
  }
}

await pictures();
