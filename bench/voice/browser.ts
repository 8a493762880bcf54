import { loadavg } from 'node:os';
import type { Page } from 'playwright-core';
import { startSandbox } from '../../src/sandbox/server.ts';
import { type OpenPage, openBrowser } from '../../test/support/browser.ts';
import { startAgent, startCollector } from '../stack.ts';
import { type BargeIn, bargeInByKey, bargeInByVoice, TOKEN_MS } from './barge-in.ts';
import type { BrowserRun } from './browser-report.ts';
import { speeches } from './learner.ts';
import {
  type Account,
  KINDS,
  type PageTurn,
  type Spoken,
  sayToPage,
  spokenFrom,
  type Told,
  WAYS,
  type Way,
} from './page-learner.ts';

const METRIC = 'voice_turn_first_response_seconds';

export type BrowserOptions = {
  /** Turns of each way to talk, and barge-ins of each kind. */
  turns: number;
  /** Hears how far it is. */
  say: (line: string) => void;
};

/** Talks to the real page in a real browser. Throws when a turn is not answered in full. */
export async function measureInBrowser({ turns, say }: BrowserOptions): Promise<BrowserRun> {
  const [before = Number.NaN] = loadavg();
  await using collector = await startCollector();
  const stack = { mode: 'on', otlpUrl: `http://127.0.0.1:${collector.ports.otlpHttp}` } as const;
  await using browser = await openBrowser();
  const visit = (url: string) => browser.open(url, { ear: true, onDemandMicrophone: true, witness: true });
  const talks: Partial<Record<Way, PageTurn[]>> = {};
  {
    await using agent = await startAgent(stack);
    for (const way of WAYS) {
      await using opened = await visit(agent.url);
      talks[way] = await talk(opened, { way, turns, say, told: () => account(agent.url) });
    }
  }
  await using sandbox = await pacedSandbox();
  await using agent = await startAgent({ ...stack, sandboxUrl: sandbox.url });
  await using opened = await visit(agent.url);
  const bargeIns = await breakIn(opened, { turns, say });
  const [after = Number.NaN] = loadavg();
  return { talks: talks as BrowserRun['talks'], bargeIns, load: { before, after } };
}

type Talk = BrowserOptions & { way: Way; told: Told };

/** One session: each recording once to warm up, then the turns that count. */
async function talk({ page, problems }: OpenPage, { way, turns, say, told }: Talk): Promise<PageTurn[]> {
  const said = (await speeches()).map((speech) => spokenFrom(speech, { cut: way === 'push to talk' }));
  await prepare(page, way);
  const measured: PageTurn[] = [];
  for (let number = 1 - said.length; number <= turns; number++) {
    const spoken = said[(number - 1 + said.length) % said.length] as Spoken;
    const name = `${way}, ${number > 0 ? `turn ${number} of ${turns}` : 'warming up'} (${spoken.name.slice(-4)})`;
    const turn = await named(name, () => sayToPage(page, way, spoken, told));
    say(`${name}: first sound after ${turn.seen['first sound'].toFixed(0)} ms`);
    if (number > 0) measured.push(turn);
  }
  complain(problems());
  return measured;
}

async function breakIn({ page, problems }: OpenPage, { turns, say }: BrowserOptions): Promise<BrowserRun['bargeIns']> {
  const [, spoken] = (await speeches()).map((speech) => spokenFrom(speech));
  await prepare(page, 'hands-free');
  const measure = async (kind: string, act: () => Promise<BargeIn>) => {
    const measured: BargeIn[] = [];
    for (let number = 0; number <= turns; number++) {
      const name = `barge-in by ${kind}, ${number > 0 ? `${number} of ${turns}` : 'warming up'}`;
      const found = await named(name, act);
      say(`${name}: silent after ${found.silent.toFixed(0)} ms`);
      if (number > 0) measured.push(found);
    }
    return measured;
  };
  const key = await measure('Esc', () => bargeInByKey(page));
  const voice = await measure('voice', () => bargeInByVoice(page, spoken as Spoken));
  complain(problems());
  return { key, voice };
}

/** Waits until the page can hear. */
async function prepare(page: Page, way: Way): Promise<void> {
  await page.waitForSelector('body[data-state=idle]');
  if (way === 'hands-free') {
    await page.locator('#hands-free').click();
    await page.waitForSelector('#hands-free[aria-busy]', { state: 'detached' });
  } else {
    // The microphone stays open after a press that is taken back.
    await page.locator('#talk').focus();
    await page.keyboard.down('Space');
    await page.waitForSelector('body[data-microphone=on]');
    await page.keyboard.press('Escape');
    await page.keyboard.up('Space');
  }
  await page.waitForSelector('body[data-microphone=on]');
}

async function pacedSandbox(): Promise<AsyncDisposable & { url: string }> {
  const sandbox = await startSandbox({ faults: { messages: { token_delay_ms: TOKEN_MS } } });
  return { url: sandbox.anthropicBaseUrl, [Symbol.asyncDispose]: () => sandbox.stop() };
}

/** What the agent counted so far. */
async function account(url: string): Promise<Account> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
  const read = (what: string, kind: string) => {
    const line = lines.find((line) => line.startsWith(`${METRIC}_${what}{`) && line.includes(`kind="${kind}"`));
    return line ? Number(line.slice(line.lastIndexOf(' ') + 1)) : 0;
  };
  return Object.fromEntries(
    KINDS.map((kind) => [kind, { count: read('count', kind), ms: read('sum', kind) * 1000 }]),
  ) as Account;
}

async function named<T>(name: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    throw new Error(`${name} failed: ${(thrown as Error).message}`, { cause: thrown });
  }
}

function complain(problems: string[]): void {
  if (problems.length > 0) throw new Error(`The page complains:\n${problems.join('\n')}`);
}
