import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { silence, startNetwork, youngMan } from '../client/support.ts';
import { clock, soundSince, untilSilent } from '../support/ear.ts';
import { speak } from '../support/microphone.ts';
import {
  beginToHold,
  hold,
  latest,
  metric,
  metricIs,
  overAfter,
  type Place,
  startPlace,
  state,
  switchHandsFreeOn,
  write,
} from './support.ts';

let place: Place;
before(async () => {
  place = await startPlace();
});
after(() => place?.[Symbol.asyncDispose]());

const VOICE = { ear: true, onDemandMicrophone: true };

for (const handsFree of [false, true]) {
  const how = handsFree ? 'hands-free' : 'with the key held';
  test(`words that are being said ${how} while the connection drops are told, and can be said again`, async () => {
    await using network = await startNetwork(place.agent.url);
    await using opened = await place.browser.open(network.url, VOICE);
    const { page } = opened;
    await state(page, 'idle');
    if (handsFree) await switchHandsFreeOn(page);
    else await beginToHold(page);
    const spoken = speak(page, await youngMan);
    await state(page, 'listening');
    network.cut();
    await overAfter(page, 1);
    assert.match(await latest(page, 'problem'), /connection.*lost.*say it again/i);
    await spoken;
    await page.keyboard.up('Space');
    await state(page, 'idle');
    await overAfter(page, 1);
    if (handsFree) await speak(page, silence(1));
    await (handsFree ? speak(page, await youngMan) : hold(page, await youngMan));
    if (handsFree) await speak(page, silence(1));
    await overAfter(page, 2);
    assert.match(await latest(page, 'you'), /young man/i);
  });
}

test('two short presses, one on the heels of the other, are no turn and no complaint', async () => {
  await using opened = await place.open(VOICE);
  const { page } = opened;
  await beginToHold(page);
  await page.keyboard.press('Escape');
  await page.keyboard.up('Space');
  await state(page, 'idle');
  const { transcriptions } = place.agent.sandbox.calls.totals();
  const before = transcriptions.calls;
  for (let time = 0; time < 3; time++) {
    await page.keyboard.press('Space');
    await page.keyboard.press('Space');
    await state(page, 'idle');
  }
  await write(page, 'What is a closure?');
  await overAfter(page, 1);
  assert.equal(await latest(page, 'you'), 'What is a closure?');
  assert.equal(await page.locator('.problem').count(), 0);
  assert.equal(place.agent.sandbox.calls.totals().transcriptions.calls, before);
  assert.deepEqual(opened.problems(), []);
});

test('8,001 characters are refused with the reason, and stay in their field; 8,000 are taken', async () => {
  await using opened = await place.open(VOICE);
  const { page } = opened;
  const field = page.getByLabel('Your words');
  await write(page, 'a'.repeat(8001));
  await page.locator('.aside.problem').getByText('8001 characters').waitFor();
  assert.equal((await field.inputValue()).length, 8001);
  assert.equal(await page.locator('.turn').count(), 0);
  await write(page, 'a'.repeat(8000));
  await overAfter(page, 1);
  assert.equal(await page.locator('.turn .problem').count(), 0);
  assert.equal(await field.inputValue(), '');
  assert.deepEqual(opened.problems(), []);
});

test('a voice that was stopped after the last word is marked, and the words are all there', async () => {
  await using opened = await place.open(VOICE);
  const { page } = opened;
  const asked = await clock(page);
  await write(page, 'Explain how a sailing boat can go against the wind');
  await soundSince(page, asked);
  await overAfter(page, 1);
  const words = await latest(page, 'agent');
  await page.keyboard.press('Escape');
  await untilSilent(page, 300);
  assert.equal(await latest(page, 'agent'), `${words} (voice stopped)`);
  await page.keyboard.press('Escape');
  assert.equal(await latest(page, 'agent'), `${words} (voice stopped)`, 'once');
  assert.deepEqual(opened.problems(), []);
});

test('a turn in which nothing was said is told with what it cost all the same', async () => {
  await using opened = await place.open(VOICE);
  const { page } = opened;
  const empty = (await metric(place.agent, 'voice_turns_total{outcome="empty"}')) ?? 0;
  const spent = async () =>
    (await place.agent.agent.json<{ costs: { total_usd: number } }>('/api/metrics')).costs.total_usd;
  const before = await spent();
  await hold(page, silence(1));
  await overAfter(page, 1);
  const [, cost = ''] = /No words were heard.* It cost \$(0\.\d{6})\.$/.exec(await latest(page, 'problem')) ?? [];
  assert.ok(Number(cost) > 0, await latest(page, 'problem'));
  await metricIs(place.agent, 'voice_turns_total{outcome="empty"}', empty + 1);
  assert.ok(Math.abs((await spent()) - before - Number(cost)) < 1e-6, cost);
  assert.deepEqual(opened.problems(), []);
});
