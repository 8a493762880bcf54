import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page, Route } from 'playwright-core';
import { focused, openMemory } from './support.ts';

const HOSTILE = 'Is <img src=x onerror="document.title=1"> & <mark>this</mark> an exploit?';

/** Requests that the page broke off; nothing else may have gone wrong. */
const otherThanAborted = (problems: string[]) =>
  problems.filter((problem) => !/^request: .*\/api\/search net::ERR_ABORTED$/.test(problem));

/** What the page has asked before it is known by now. */
const roundTrip = (page: Page) => page.evaluate(async () => (await fetch('/livez')).text());

/** Stops the page's clock, and its searches until they are let go: their queries, in the order of asking. */
async function holdSearches(page: Page) {
  const held: { query: string; route: Route }[] = [];
  let news = Promise.withResolvers<void>();
  await page.route('**/api/search', (route) => {
    held.push({ query: route.request().postDataJSON().query, route });
    news.resolve();
    news = Promise.withResolvers();
  });
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 3_600_000);
  return {
    queries: () => held.map(({ query }) => query),
    until: async (count: number) => {
      while (held.length < count) await news.promise;
    },
    /** NOTE: a request that the page broke off meanwhile can't be let go, and need not. */
    release: (index: number) => held[index]?.route.continue().catch(() => {}),
  };
}

test('what was said is found while it is typed, and shown as the text that it is', async () => {
  await using memory = await openMemory({
    trees: ['What is a tree?', 'Explain recursion'],
    exploits: [HOSTILE],
  });
  const { page, view, entries, field } = memory;
  await field.pressSequentially('recurs');
  await view.getByText('1 exchange found for “recurs”.').waitFor();
  assert.match((await entries.textContent()) ?? '', /^You: Explain recursion Companion: .* just now \(/);
  assert.equal(await entries.locator('mark').first().textContent(), 'recursion');
  await entries.click();
  await focused(view.locator('.exchanges li.found').filter({ hasText: 'Explain recursion' }));
  assert.equal(await view.locator('.exchanges li').count(), 2);
  await view.getByRole('button', { name: 'Back to the list' }).click();
  await focused(entries);

  await field.fill('onerror exploit');
  await view.getByText('1 exchange found for “onerror exploit”.').waitFor();
  assert.equal(await entries.locator('.asked').textContent(), `You: ${HOSTILE}`);
  assert.deepEqual(await entries.locator('.asked mark').allInnerTexts(), ['onerror', 'exploit']);
  await entries.click();
  await view.locator('.exchanges li').waitFor();
  assert.match(
    (await view.locator('.exchanges li').textContent()) ?? '',
    /<img src=x onerror="document.title=1"> & <mark>this/,
  );
  assert.equal(await page.locator('img, .exchanges mark').count(), 0);
  assert.equal(await page.title(), 'Learning Voice Agent');
  await view.getByRole('button', { name: 'Back to the list' }).click();

  await field.fill('nosuchword');
  await view.getByText('Nothing was found for “nosuchword”. Try fewer words').waitFor();
  assert.equal(await entries.count(), 0);
  await field.fill(' ');
  await view.getByText('2 sessions, latest first.').waitFor();
  assert.deepEqual(otherThanAborted(memory.open.problems()), []);
});

test('more hits than are shown are said to be more', async () => {
  const said = Array.from({ length: 50 }, (_, index) => `Is ${index} a number?`);
  await using memory = await openMemory({ numbers: said });
  await memory.field.fill('number');
  await memory.view.getByText('The 50 best for “number”: more words narrow them down.').waitFor();
  assert.equal(await memory.entries.count(), 50);
});

test('one question is asked when the typing pauses, it breaks off the one before, and late answers are never shown', async () => {
  await using memory = await openMemory({ past: ['What is an apple?', 'What is a pear?'] });
  const { page, view, entries, field } = memory;
  const searches = await holdSearches(page);
  await field.pressSequentially('apple');
  await page.clock.runFor(199);
  await roundTrip(page);
  assert.deepEqual(searches.queries(), []);
  await page.clock.runFor(1);
  await searches.until(1);

  const brokenOff = page.waitForEvent('requestfailed');
  await field.fill('pear');
  await page.clock.runFor(200);
  await searches.until(2);
  assert.match((await brokenOff).postData() ?? '', /apple/);
  assert.deepEqual(searches.queries(), ['apple', 'pear']);
  await searches.release(1);
  await view.getByText('1 exchange found for “pear”.').waitFor();
  await searches.release(0);
  await roundTrip(page);
  assert.match((await entries.textContent()) ?? '', /What is a pear/);
  assert.equal(await view.getByText('found for “apple”').count(), 0);

  // A search that was begun is over when the field is emptied; Enter need not wait for the pause.
  await field.fill('apple');
  await field.press('Enter');
  await searches.until(3);
  await field.fill('');
  await page.clock.runFor(200);
  await view.getByText('1 session, latest first.').waitFor();
  assert.deepEqual(otherThanAborted(memory.open.problems()), []);
});

test('an answer that takes its time is said to be waited for', async () => {
  await using memory = await openMemory({ past: ['What is an apple?'] });
  const { page, view, field } = memory;
  const searches = await holdSearches(page);
  await field.fill('apple');
  await field.press('Enter');
  await searches.until(1);
  const busy = view.locator('[aria-busy=true]');
  await busy.waitFor();
  await page.clock.runFor(299);
  assert.equal(await view.getByText('Looking…').count(), 0);
  await page.clock.runFor(1);
  await view.getByRole('status').filter({ hasText: 'Looking…' }).waitFor();
  await searches.release(0);
  await view.getByText('1 exchange found for “apple”.').waitFor();
  assert.equal(await busy.count(), 0);
  assert.deepEqual(memory.open.problems(), []);
});
