import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { amiable, type Network, startNetwork } from '../client/support.ts';
import { speak } from '../support/microphone.ts';
import { beginToHold, latest, metricIs, outcomes, overAfter, type Place, startPlace, state, write } from './support.ts';

let place: Place;
let network: Network;
before(async () => {
  place = await startPlace();
  network = await startNetwork(place.agent.url);
});
after(async () => {
  await network?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

let answered: number;
beforeEach(async () => {
  answered = (await outcomes(place.agent)).answered ?? 0;
});

/** A page that has said something whose end the network keeps back from the agent. */
async function saidIntoTheDark() {
  const opened = await place.browser.open(network.url, { onDemandMicrophone: true });
  const { page } = opened;
  await state(page, 'idle');
  await beginToHold(page);
  const spoken = speak(page, await amiable);
  network.hold();
  await spoken;
  await page.keyboard.up('Space');
  await state(page, 'thinking');
  return opened;
}

test('Esc before the agent has accepted a turn breaks it off as soon as it has', async () => {
  await using opened = await saidIntoTheDark();
  const { page } = opened;
  await page.keyboard.press('Escape');
  network.release();
  await overAfter(page, 1);
  await state(page, 'idle');
  await write(page, 'What is a closure?');
  await overAfter(page, 2);
  assert.match(await latest(page, 'agent'), /closure/);
  await metricIs(place.agent, 'voice_turns_total{outcome="answered"}', answered + 1);
  assert.equal(await page.locator('.turn .problem').count(), 0, 'nobody complains of what the learner wished');
  assert.deepEqual(opened.problems(), []);
});

test('a text written while a recording is on its way is the only one that is answered', async () => {
  await using opened = await saidIntoTheDark();
  const { page } = opened;
  await write(page, 'What is a closure?');
  network.release();
  await overAfter(page, 2);
  assert.equal(await latest(page, 'you'), 'What is a closure?');
  assert.match(await latest(page, 'agent'), /closure/);
  await metricIs(place.agent, 'voice_turns_total{outcome="answered"}', answered + 1);
  assert.deepEqual(opened.problems(), []);
});
