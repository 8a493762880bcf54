import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../support/wait.ts';
import { latest, overAfter, startPlace, state, write } from './support.ts';

test('a protected agent’s page asks for the token, says when it is wrong, and keeps it in this tab only', async () => {
  await using place = await startPlace({ env: { AUTH_TOKENS: 'sesame', HOST: '127.0.0.1' } });
  await using opened = await place.open({ closed: true });
  const { page } = opened;
  const dialog = page.getByRole('dialog', { name: 'Access token' });
  await dialog.waitFor();
  // A browser closes a dialog on the second, whatever the page says.
  for (let press = 0; press < 3; press++) await page.keyboard.press('Escape');
  // Without a token there is nothing to do behind it.
  await dialog.waitFor();
  await page.getByLabel('Token', { exact: true }).fill('abracadabra');
  await page.keyboard.press('Enter');
  await page.getByText('This token is not known').waitFor();
  await page.getByLabel('Token', { exact: true }).fill('sesame');
  await page.keyboard.press('Enter');
  await state(page, 'idle');
  assert.equal(await dialog.isVisible(), false);
  await write(page, 'What is a closure?');
  await overAfter(page, 1);
  assert.match(await latest(page, 'agent'), /closure/);
  await page.reload();
  await state(page, 'idle');
  assert.equal(page.url().includes('sesame'), false);
  assert.equal(await page.evaluate(() => JSON.stringify(localStorage) + document.cookie), '{}');
  assert.deepEqual(opened.problems(), []);

  await using stranger = await place.open({ closed: true });
  await stranger.page.getByRole('dialog', { name: 'Access token' }).waitFor();
});

test('nothing that a page of ours did not bring can run in it, and it talks to nobody else', async () => {
  await using place = await startPlace();
  await using opened = await place.open();
  const { page } = opened;
  const ran = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.intruder = true';
    document.head.append(script);
    document.body.insertAdjacentHTML(
      'beforeend',
      '<img src="/page/icon.svg" onload="globalThis.intruder = true" alt="">',
    );
    await new Promise((resolve) => document.querySelector('img')?.addEventListener('load', resolve));
    const elsewhere = await fetch('http://localhost:1/').then(
      () => 'reached',
      () => 'refused',
    );
    return { intruder: 'intruder' in globalThis, elsewhere };
  });
  assert.deepEqual(ran, { intruder: false, elsewhere: 'refused' });
  for (const directive of ['script-src-elem', 'script-src-attr', 'connect-src']) {
    await waitFor(`a violation of ${directive}`, async () =>
      opened.problems().some((problem) => problem.startsWith(`CSP: ${directive}`)) ? true : undefined,
    );
  }
});

test('words that look like markup stay words', async () => {
  await using place = await startPlace();
  await using opened = await place.open();
  const { page } = opened;
  const hostile = '<img src=x onerror="document.title=1"> & <b>bold</b> "quoted"';
  await write(page, hostile);
  await overAfter(page, 1);
  assert.equal(await latest(page, 'you'), hostile);
  assert.equal(await page.locator('#log img, #log b').count(), 0);
  assert.deepEqual(opened.problems(), []);
});
