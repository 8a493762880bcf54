import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { youngMan } from '../client/support.ts';
import type { OpenPage } from '../support/browser.ts';
import { speak } from '../support/microphone.ts';
import { beginToHold, latest, overAfter, type Place, startPlace, state } from './support.ts';

let place: Place;
before(async () => {
  place = await startPlace();
});
after(() => place?.[Symbol.asyncDispose]());

const open = (): Promise<OpenPage> => place.open({ onDemandMicrophone: true });

/** What was said until now is a turn that gets its answer, and the page listens no more. */
async function answered(page: Page, turns = 1): Promise<void> {
  await overAfter(page, turns);
  assert.match(await latest(page, 'you'), /young man/i);
  assert.match(await latest(page, 'agent'), /\w/);
  assert.notEqual(await page.evaluate(() => document.body.dataset.state), 'listening');
  await page.keyboard.press('Escape');
  await state(page, 'idle');
}

test('wherever the focus goes while Space is down, its release ends what was said, and that is answered', async () => {
  await using opened = await open();
  const { page } = opened;
  const ways: [what: string, go: () => Promise<void>][] = [
    ['a click into the text field', () => page.getByLabel('Your words').click()],
    ['Tab', () => page.keyboard.press('Tab')],
    ['a click on the transcript', () => page.locator('#log').click()],
  ];
  for (const [turns, [what, go]] of ways.entries()) {
    await beginToHold(page);
    await speak(page, await youngMan);
    await go();
    assert.equal(await page.evaluate(() => document.body.dataset.state), 'listening', `${what} alone ends nothing`);
    await page.keyboard.up('Space');
    await answered(page, turns + 1);
  }
  assert.equal(await page.getByLabel('Your words').inputValue(), '', 'nor is a space written');
  assert.deepEqual(opened.problems(), []);
});

test('a window that loses the focus gets no release: what was said is sent then', async () => {
  await using opened = await open();
  const { page } = opened;
  await beginToHold(page);
  await speak(page, await youngMan);
  // NOTE: without a window none can lose the focus.
  await page.evaluate(() => window.dispatchEvent(new Event('blur')));
  await answered(page);
  await page.keyboard.up('Space');
  await overAfter(page, 1);
  assert.deepEqual(opened.problems(), []);
});

test('what is longer than the agent takes is sent before it is too long', async () => {
  await using opened = await open();
  const { page } = opened;
  // Nobody waits for a minute here: the timer that ends it is caught, and run by hand.
  await page.evaluate(() => {
    const { setTimeout: real } = globalThis;
    globalThis.setTimeout = ((act: () => void, ms: number) => {
      if (ms < 50_000) return real(act, ms);
      Object.assign(globalThis, { longest: { ms, act } });
      return real(() => {}, 0);
    }) as typeof setTimeout;
  });
  await beginToHold(page);
  await speak(page, await youngMan);
  const ms = await page.evaluate(() => {
    const { longest } = globalThis as unknown as { longest: { ms: number; act: () => void } };
    longest.act();
    return longest.ms;
  });
  assert.ok(ms < 60_000, `${ms} ms, and the agent takes a minute`);
  await answered(page);
  await page.keyboard.up('Space');
  await overAfter(page, 1);
  assert.deepEqual(opened.problems(), []);
});

test('opening the memory ends what is being said and switches the microphone off', async () => {
  await using opened = await open();
  const { page } = opened;
  await beginToHold(page);
  await speak(page, await youngMan);
  await page.locator('#show-memory').click();
  await page.waitForSelector('body[data-microphone=off]');
  await page.keyboard.up('Space');
  await page.locator('#show-talk').click();
  await answered(page);
  assert.deepEqual(opened.problems(), []);
});

test('Space with Ctrl, Shift, Alt or Meta is no wish to talk', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.locator('#talk').focus();
  // A button would be clicked by it, so it is also tried where nothing has the focus.
  for (const focus of ['log', 'body']) {
    if (focus === 'log') await page.locator('#log').focus();
    else await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    for (const modifier of ['Control', 'Shift', 'Alt', 'Meta']) {
      await page.keyboard.press(`${modifier}+Space`);
      assert.equal(await page.evaluate(() => document.body.dataset.state), 'idle', `${modifier} on ${focus}`);
    }
  }
  assert.notEqual(await page.evaluate(() => document.body.dataset.microphone), 'on');
  assert.deepEqual(opened.problems(), []);
});
