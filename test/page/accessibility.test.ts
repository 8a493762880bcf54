import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { accessibilityProblems } from '../support/accessibility.ts';
import { latest, overAfter, startPlace, state, write } from './support.ts';

const LOOKS = [
  { colorScheme: 'light', viewport: { width: 900, height: 900 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const;

test('the audit finds nothing: welcome, listening, thinking, answered, failed, offline; light and dark, large and small', async () => {
  await using place = await startPlace();
  for (const look of LOOKS) {
    await using opened = await place.open({ ...look, onDemandMicrophone: true });
    const { page } = opened;
    const audit = async (when: string) =>
      assert.deepEqual(await accessibilityProblems(page), [], `${when}, ${look.colorScheme}`);
    await audit('welcome');
    await page.keyboard.down('Space');
    await state(page, 'listening');
    await audit('listening');
    await page.keyboard.press('Escape');
    await page.keyboard.up('Space');
    place.agent.sandbox.faults.set({ messages: { token_delay_ms: 200 } });
    await write(page, 'What is a closure?');
    await state(page, 'thinking');
    await audit('thinking');
    await page.keyboard.press('Escape');
    place.agent.sandbox.faults.clear();
    await overAfter(page, 1);
    await write(page, 'What is a closure?');
    await overAfter(page, 2);
    await page.keyboard.press('Escape');
    await page.locator('.figures summary').last().click();
    await audit('answered');
    place.agent.sandbox.faults.set({ messages: { status: 529 } });
    await write(page, 'What is a closure?');
    await overAfter(page, 3);
    place.agent.sandbox.faults.clear();
    await audit('failed');
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.equal(sideways, 0, 'nothing to scroll sideways');
    assert.deepEqual(opened.problems(), []);
  }
  await using opened = await place.open();
  await place.agent.agent.stop();
  await state(opened.page, 'offline');
  assert.deepEqual(await accessibilityProblems(opened.page), [], 'offline');
});

test('the dialog for the token passes the audit', async () => {
  await using place = await startPlace({ env: { AUTH_TOKENS: 'sesame', HOST: '127.0.0.1' } });
  await using opened = await place.open({ closed: true });
  await opened.page.getByRole('dialog', { name: 'Access token' }).waitFor();
  assert.deepEqual(await accessibilityProblems(opened.page), []);
});

/** Where the keyboard is, by the name that a reader would say. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    return element?.id || element?.textContent?.trim().slice(0, 40) || element?.tagName || '';
  });

test('with nothing but a keyboard: everything is reached in the order of reading, and a whole conversation can be had', async () => {
  await using place = await startPlace();
  await using opened = await place.open();
  const { page } = opened;
  const order: string[] = [];
  for (let step = 0; step < 14; step++) {
    await page.keyboard.press('Tab');
    order.push(await focused(page));
  }
  const wanted = ['show-talk', 'show-memory', 'log', 'talk', 'text', 'Send', 'hands-free', 'speak', 'recording', 'end'];
  assert.deepEqual(order.slice(0, wanted.length), wanted);
  assert.notEqual(
    await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle),
    'none',
    'the focus is seen',
  );

  await page.locator('#text').focus();
  await page.keyboard.type('What is a closure?');
  await page.keyboard.press('Enter');
  await overAfter(page, 1);
  assert.match(await latest(page, 'agent'), /closure/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await focused(page), 'talk');
  await page.keyboard.press('Shift+Tab');
  assert.match(await focused(page), /first|answer|\$/);
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.figures').getAttribute('open'), '');
  await page.locator('#end').focus();
  await page.keyboard.press('Enter');
  await page.locator('#log').getByText('The session is over: 1 exchange about closure').waitFor();
  await state(page, 'idle');
  assert.deepEqual(opened.problems(), []);
});
