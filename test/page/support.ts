import type { Page } from 'playwright-core';
import { type Agent, startAgentWithSandbox } from '../client/support.ts';
import { type Browser, type BrowserOptions, type OpenOptions, type OpenPage, openBrowser } from '../support/browser.ts';
import { clock } from '../support/ear.ts';
import { speak } from '../support/microphone.ts';
import { waitFor } from '../support/wait.ts';

export type State = 'connecting' | 'offline' | 'idle' | 'listening' | 'thinking' | 'speaking';

/** The real agent, its sandbox and a real browser that opens its page. */
export interface Place extends AsyncDisposable {
  agent: Agent;
  browser: Browser;
  /** The page with its session open; or as it is when the agent doesn't let it in (`closed`). */
  open(options?: OpenOptions & { closed?: boolean }): Promise<OpenPage>;
}

export async function startPlace(options: { env?: Record<string, string> } & BrowserOptions = {}): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const agent = stack.use(await startAgentWithSandbox(options.env));
  const browser = stack.use(await openBrowser(options));
  const owned = stack.move();
  return {
    agent,
    browser,
    async open(options = {}) {
      const opened = await browser.open(agent.url, { viewport: { width: 900, height: 900 }, ...options });
      if (!options.closed) await state(opened.page, 'idle');
      return opened;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Waits until the page says that it does this. */
export async function state(page: Page, wanted: State): Promise<void> {
  await page.waitForSelector(`body[data-state=${wanted}]`, { timeout: 20_000 });
}

/** The text of the latest turn's part: what the learner said, what the companion answered, what went wrong. */
export async function latest(page: Page, part: 'you' | 'agent' | 'problem'): Promise<string> {
  return (await page.locator('.turn').last().locator(`.${part}`).last().textContent({ timeout: 20_000 })) ?? '';
}

/** Waits until the latest of so many turns is over. */
export async function overAfter(page: Page, turns: number): Promise<void> {
  await page.waitForFunction(
    (turns) => {
      const all = document.querySelectorAll('.turn');
      return all.length === turns && [...all].every((turn) => turn.getAttribute('aria-busy') !== 'true');
    },
    turns,
    { timeout: 30_000 },
  );
}

/** Waits until the page hears its microphone: what is said before is lost. */
export async function microphoneOpen(page: Page): Promise<void> {
  await page.waitForSelector('body[data-microphone=on]', { timeout: 20_000 });
}

/** Holds the space bar down until the page hears. */
export async function beginToHold(page: Page): Promise<void> {
  await page.locator('#talk').focus();
  await page.keyboard.down('Space');
  await state(page, 'listening');
  await microphoneOpen(page);
}

/** Holds the space bar and says this; resolves with the moment of the release, by the page's clock. */
export async function hold(page: Page, wav: Uint8Array): Promise<number> {
  await beginToHold(page);
  await speak(page, wav);
  await page.keyboard.up('Space');
  return clock(page);
}

/** Types words and sends them. */
export async function write(page: Page, text: string): Promise<void> {
  await page.getByLabel('Your words').fill(text);
  await page.getByLabel('Your words').press('Enter');
}

/** A sample of the agent's /metrics; undefined where there is none. */
export async function metric(agent: Agent, series: string): Promise<number | undefined> {
  const line = (await agent.agent.metricsText()).split('\n').find((line) => line.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** What the agent has counted of turns so far, by how they ended. */
export async function outcomes(agent: Agent): Promise<Record<string, number>> {
  const found = (await agent.agent.metricsText()).matchAll(/^voice_turns_total\{outcome="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, outcome, count]) => [outcome, Number(count)]));
}

/** Switches hands-free on and waits until the page listens. */
export async function switchHandsFreeOn(page: Page): Promise<void> {
  await page.locator('#hands-free').click();
  await page.locator('#hands-free[aria-pressed=true]:not([aria-busy])').waitFor({ timeout: 20_000 });
  await microphoneOpen(page);
}

/** Waits until a sample has this value. */
export const metricIs = (agent: Agent, series: string, value: number): Promise<true> =>
  waitFor(`${series} ${value}`, async () => ((await metric(agent, series)) === value ? true : undefined), 10_000);
