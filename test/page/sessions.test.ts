import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Page, Route } from 'playwright-core';
import { createRest } from '../../src/client/index.ts';
import { clock, soundSince, untilSilent } from '../support/ear.ts';
import { latest, overAfter, type Place, startPlace, state, write } from './support.ts';

const LONG = 'Explain how a sailing boat can go against the wind';
/** What the product promises between an interrupt and silence, and a click. */
const SILENT_WITHIN_MS = 300;

let place: Place;
before(async () => {
  place = await startPlace();
  const rest = createRest({ url: place.agent.url });
  for (const [sessionId, text] of [
    ['trees', 'What is a tree?'],
    ['lists', 'What is a list?'],
  ] as const)
    await rest.conversation({ text }, { sessionId });
});
after(() => place?.[Symbol.asyncDispose]());
beforeEach(() => place.agent.sandbox.faults.clear());

/** Opens a past session's page in the memory. */
async function lookAt(page: Page, words: RegExp): Promise<void> {
  await page.locator('#show-memory').click();
  await page.getByRole('button', { name: words }).click();
  await page.getByRole('button', { name: 'Go on with this session' }).waitFor();
}
const goOn = (page: Page) => page.getByRole('button', { name: 'Go on with this session' }).click();

/** Keeps back what is asked for until it is let go, which resolves when the page has its answer. */
async function keepBack(page: Page, url: string, when: 'question' | 'answer') {
  const { promise: letGo, resolve: release } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: given, resolve: give } = Promise.withResolvers<void>();
  await page.route(url, async (route: Route) => {
    const response = when === 'answer' ? await route.fetch() : undefined;
    ask();
    await letGo;
    await (response ? route.fulfill({ response }) : route.continue());
    await (await route.request().response())?.finished();
    give();
  });
  return {
    asked,
    letGo: () => {
      release();
      return given;
    },
  };
}

for (const [what, leave] of [
  ['going on with another session', goOn],
  ['ending the session', (page: Page) => page.locator('#end').click()],
] as const) {
  test(`${what} silences the voice at once`, async () => {
    await using opened = await place.open({ ear: true });
    const { page } = opened;
    place.agent.sandbox.faults.set({ messages: { token_delay_ms: 60 } });
    const asked = await clock(page);
    await write(page, LONG);
    if (leave === goOn) await lookAt(page, /^What is a tree/);
    await soundSince(page, asked);
    const pressed = await clock(page);
    await leave(page);
    const silent = await untilSilent(page);
    assert.ok(silent - pressed <= SILENT_WITHIN_MS, `${silent - pressed} ms`);
    await state(page, 'idle');
    assert.deepEqual(opened.problems(), []);
  });
}

test('what was asked of one session is not shown in another, however late it comes', async () => {
  await using opened = await place.open();
  const { page } = opened;
  await lookAt(page, /^What is a tree/);
  const history = await keepBack(page, '**/api/session/trees/history*', 'answer');
  await goOn(page);
  await history.asked;
  await lookAt(page, /^What is a list/);
  await goOn(page);
  await page.locator('#log').getByText('What is a list?').waitFor();
  await history.letGo();
  await write(page, 'And a queue?');
  await overAfter(page, 2);
  assert.deepEqual(await page.locator('#log .you').allTextContents(), ['What is a list?', 'And a queue?']);
  assert.deepEqual(opened.problems(), []);
});

for (const when of ['answer', 'question'] as const) {
  test(`what is said before the history came stays below it, each exchange once (a slow ${when})`, async () => {
    await using opened = await place.open();
    const { page } = opened;
    await write(page, 'What is a closure?');
    await overAfter(page, 1);
    const history = await keepBack(page, '**/api/session/*/history*', when);
    await page.reload();
    await state(page, 'idle');
    await history.asked;
    await write(page, 'And a monad?');
    await overAfter(page, 1);
    await history.letGo();
    await overAfter(page, 2);
    assert.deepEqual(await page.locator('#log .you').allTextContents(), ['What is a closure?', 'And a monad?']);
    assert.match(await latest(page, 'agent'), /monad/);
    assert.deepEqual(opened.problems(), []);
  });
}

test('after a reload the past turns show what they cost, and which were interrupted', async () => {
  await using opened = await place.open();
  const { page } = opened;
  await page.locator('#speak').click();
  await write(page, 'What is a closure?');
  await overAfter(page, 1);
  place.agent.sandbox.faults.set({ messages: { token_delay_ms: 100 } });
  await write(page, LONG);
  await page.locator('.turn').nth(1).locator('.agent:not(:empty)').waitFor();
  await page.keyboard.press('Escape');
  await overAfter(page, 2);
  const figures = async () => {
    const texts = await page.locator('.turn .figures summary, .turn p.figures').allTextContents();
    return texts.map((text) => /\$[\d.]+ · \w+/.exec(text)?.[0]);
  };
  const [replies, costs] = [await page.locator('.turn .agent').allTextContents(), await figures()];
  assert.match(replies[1] ?? '', /\(interrupted\)$/);
  assert.ok(costs.length === 2 && costs.every((cost) => cost), costs.join());
  await page.reload();
  await overAfter(page, 2);
  assert.deepEqual(await page.locator('.turn .agent').allTextContents(), replies);
  assert.deepEqual(await figures(), costs);
  assert.deepEqual(opened.problems(), []);
});
