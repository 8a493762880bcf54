import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { createRest } from '../../src/client/index.ts';
import { startNetwork } from '../client/support.ts';
import { clock, soundSince, untilSilent } from '../support/ear.ts';
import { latest, overAfter, type Place, startPlace, state, write } from './support.ts';

let place: Place;
before(async () => {
  place = await startPlace();
  await createRest({ url: place.agent.url }).conversation({ text: 'What is a tree?' }, { sessionId: 'past' });
});
after(() => place?.[Symbol.asyncDispose]());

const focused = (page: Page) => page.evaluate(() => document.activeElement?.id);
/** What a screen reader says of its own accord. */
const announced = (page: Page) => page.locator('#announcement').textContent();

test('who presses Stop with the keyboard finds himself on the button to talk', async () => {
  await using opened = await place.open({ ear: true });
  const { page } = opened;
  const asked = await clock(page);
  await write(page, 'Explain how a sailing boat can go against the wind');
  await soundSince(page, asked);
  await page.locator('#stop').focus();
  await page.keyboard.press('Enter');
  await untilSilent(page, 300);
  await state(page, 'idle');
  assert.equal(await focused(page), 'talk');
  assert.deepEqual(opened.problems(), []);
});

test('who goes on with a past session finds himself on the button to talk, when the session is open too', async () => {
  await using opened = await place.open();
  const { page } = opened;
  await page.locator('#show-memory').click();
  await page.getByRole('button', { name: /^What is a tree/ }).press('Enter');
  await page.getByRole('button', { name: 'Go on with this session' }).press('Enter');
  assert.equal(await focused(page), 'talk');
  await page.locator('#log').getByText('What is a tree?').waitFor();
  await state(page, 'idle');
  assert.equal(await focused(page), 'talk');
  assert.deepEqual(opened.problems(), []);
});

test('the button to talk keeps the focus while the connection is lost, and does nothing then', async () => {
  await using network = await startNetwork(place.agent.url);
  await using opened = await place.browser.open(network.url, { onDemandMicrophone: true });
  const { page } = opened;
  await state(page, 'idle');
  await page.locator('#talk').focus();
  network.hold();
  network.cut();
  await state(page, 'offline');
  assert.equal(await focused(page), 'talk');
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.body.dataset.state), 'offline');
  network.release();
  await state(page, 'idle');
  assert.equal(await focused(page), 'talk');
  assert.notEqual(await page.evaluate(() => document.body.dataset.microphone), 'on');
});

test('a reply that no voice speaks is announced once it is whole, one that is spoken is not', async () => {
  await using opened = await place.open();
  const { page } = opened;
  await write(page, 'What is a closure?');
  await overAfter(page, 1);
  assert.equal(await announced(page), '');
  await page.locator('#speak').click();
  await state(page, 'idle');
  await page.evaluate(() => {
    const region = document.getElementById('announcement') as HTMLElement;
    const said: string[] = [];
    new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, { childList: true, subtree: true });
    Object.assign(globalThis, { said });
  });
  await write(page, 'And a monad?');
  await overAfter(page, 2);
  const reply = await latest(page, 'agent');
  assert.match(reply, /monad/);
  assert.deepEqual(await page.evaluate(() => (globalThis as unknown as { said: string[] }).said), [reply]);
  assert.deepEqual(opened.problems(), []);
});
