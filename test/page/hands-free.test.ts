import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amiable, youngMan } from '../client/support.ts';
import { heard, untilSilent } from '../support/ear.ts';
import { joined } from '../support/microphone.ts';
import { latest, metricIs, overAfter, startPlace, state } from './support.ts';

test('hands-free: whoever speaks has the word, and who falls silent is answered, with no key pressed', async () => {
  // From the moment it is opened: time for the model to load, a sentence, time for a reply, another sentence.
  const microphone = joined([{ silence: 8 }, await youngMan, { silence: 15 }, await amiable, { silence: 30 }]);
  await using place = await startPlace({ microphone });
  await using opened = await place.open({ ear: true });
  const { page } = opened;
  await page.locator('#hands-free').click();
  await state(page, 'listening');
  await overAfter(page, 1);
  assert.match(await latest(page, 'you'), /young man/i);
  // How long the whole voice would take is no matter here.
  await page.keyboard.press('Escape');
  await untilSilent(page, 200);
  await state(page, 'idle');
  assert.match((await page.locator('#state').textContent()) ?? '', /just speak/i);

  await state(page, 'listening');
  await overAfter(page, 2);
  assert.match(await latest(page, 'you'), /might even have been made/i);
  const { sources, atOnce } = await heard(page);
  assert.ok(sources >= 2 && atOnce === 1, `${sources} sentences, ${atOnce} at once`);
  await metricIs(place.agent, 'voice_turns_total{outcome="answered"}', 2);
  await metricIs(place.agent, 'voice_turns_total{outcome="interrupted"}', 0);

  await page.locator('#hands-free').click();
  assert.equal(await page.locator('#hands-free').getAttribute('aria-pressed'), 'false');
  await page.waitForSelector('body[data-microphone=off]');
  assert.deepEqual(opened.problems(), []);
});
