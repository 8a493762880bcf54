import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createRest } from '../../src/client/index.ts';
import { type Network, startNetwork } from '../client/support.ts';
import { clock, heard, soundSince, untilSilent } from '../support/ear.ts';
import { latest, metricIs, outcomes, overAfter, type Place, startPlace, state, write } from './support.ts';

const LONG = 'Explain how a sailing boat can go against the wind';

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
beforeEach(() => place.agent.sandbox.faults.clear());

async function open() {
  const opened = await place.browser.open(network.url, { ear: true });
  await state(opened.page, 'idle');
  return opened;
}
/** Sentences that were asked to be spoken. */
const spoken = () => place.agent.sandbox.calls.totals().speech.calls;

test('switched off while a reply is spoken: no further sentence sounds, and the words go on to their end', async () => {
  await using opened = await open();
  const { page } = opened;
  const { answered = 0 } = await outcomes(place.agent);
  place.agent.sandbox.faults.set({ messages: { token_delay_ms: 60 } });
  const asked = await clock(page);
  await write(page, LONG);
  await soundSince(page, asked);
  const pressed = await clock(page);
  await page.locator('#speak').click();
  const words = (await latest(page, 'agent')).length;
  const silent = await untilSilent(page, 300);
  assert.ok(silent - pressed <= 300, `${silent - pressed} ms, the click included`);
  const { sources } = await heard(page);
  await overAfter(page, 1);
  assert.equal((await heard(page)).sources, sources);
  assert.ok((await latest(page, 'agent')).length > words);
  assert.doesNotMatch(await latest(page, 'agent'), /\((interrupted|voice stopped)\)/);
  await metricIs(place.agent, 'voice_turns_total{outcome="answered"}', answered + 1);
  const before = spoken();
  await write(page, 'What is a closure?');
  await overAfter(page, 2);
  assert.equal(spoken(), before, 'nor is the next one spoken');
  assert.deepEqual(opened.problems(), []);
});

test('switched while the connection is lost, it holds when it is back', async () => {
  await using opened = await open();
  const { page } = opened;
  const switchOffline = async () => {
    network.hold();
    network.cut();
    await state(page, 'offline');
    await page.locator('#speak').click();
    network.release();
    await state(page, 'idle');
  };
  await switchOffline();
  const before = spoken();
  await write(page, 'What is a closure?');
  await overAfter(page, 1);
  assert.equal(spoken(), before);
  assert.equal((await heard(page)).sources, 0);

  await switchOffline();
  const asked = await clock(page);
  await write(page, 'What is a closure?');
  await soundSince(page, asked);
  await overAfter(page, 2);
});

test('switched while a session is being opened, it holds in that session', async () => {
  await createRest({ url: place.agent.url }).conversation({ text: 'What is a tree?' }, { sessionId: 'past' });
  await using opened = await open();
  const { page } = opened;
  await page.locator('#show-memory').click();
  await page.getByRole('button', { name: /^What is a tree/ }).click();
  const resume = page.getByRole('button', { name: 'Go on with this session' });
  await resume.waitFor();
  network.hold();
  await resume.click();
  await page.locator('#speak').click();
  network.release();
  await state(page, 'idle');
  await page.locator('#log').getByText('What is a tree?').waitFor();
  const before = spoken();
  await write(page, 'And a forest?');
  await overAfter(page, 2);
  assert.equal(spoken(), before);
  assert.deepEqual(opened.problems(), []);
});
