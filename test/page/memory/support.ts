import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { createRest, type Rest } from '../../../src/client/index.ts';
import { type RunningAgent, startAgent } from '../../support/agent.ts';
import { type OpenOptions, type OpenPage, openBrowser } from '../../support/browser.ts';

/** The memory view of the real page, before an agent that remembers. */
export interface MemoryView extends AsyncDisposable {
  agent: RunningAgent;
  rest: Rest;
  open: OpenPage;
  page: Page;
  /** The view's `main`. */
  view: Locator;
  /** Sessions, or hits. */
  entries: Locator;
  field: Locator;
}

/** What was said, by session. */
export type Past = Record<string, string[]>;

/** Opens it in a browser of its own, once what is past has been said; with a token, the agent is protected by it. */
export async function openMemory(past: Past, options: OpenOptions = {}): Promise<MemoryView> {
  await using stack = new AsyncDisposableStack();
  const agent = stack.use(await startAgent({ env: { HOST: '127.0.0.1', AUTH_TOKENS: options.token ?? '' } }));
  const rest = createRest({ url: agent.url, token: options.token });
  for (const [sessionId, said] of Object.entries(past)) {
    for (const text of said) await rest.conversation({ text }, { sessionId });
  }
  const browser = stack.use(await openBrowser({ microphone: false }));
  const open = stack.use(await browser.open(agent.url, options));
  const { page } = open;
  page.setDefaultTimeout(20_000);
  await page.locator('body[data-state=idle]').waitFor();
  await page.getByRole('button', { name: 'Memory', exact: true }).click();
  const view = page.getByRole('main', { name: 'Memory' });
  const entries = view.locator('.entry');
  await entries.first().waitFor();
  const owned = stack.move();
  return {
    agent,
    rest,
    open,
    page,
    view,
    entries,
    field: view.getByRole('searchbox', { name: 'Search what was said' }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The session that the page talks in. */
export const currentSession = (page: Page) => page.evaluate(() => sessionStorage.getItem('session') ?? '');

/** Waits until the element has the focus. */
export async function focused(element: Locator): Promise<void> {
  await element.and(element.page().locator(':focus')).waitFor({ timeout: 5000 });
}

/** Presses Tab until the element has the focus, which must then be seen. */
export async function tabTo(element: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const page = element.page();
  for (let left = 40; left > 0; left--) {
    await page.keyboard.press(key);
    if (!(await element.evaluate((node) => node === document.activeElement))) continue;
    const outline = await element.evaluate((node) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(node);
      return { outlineStyle, outlineWidth };
    });
    assert.deepEqual(outline, { outlineStyle: 'solid', outlineWidth: '3px' }, `${element}`);
    return;
  }
  assert.fail(`${key} does not lead to ${element}`);
}
