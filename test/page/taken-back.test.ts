import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { amiable, youngMan } from '../client/support.ts';
import { joined, speak } from '../support/microphone.ts';
import { moments } from '../support/witness.ts';
import {
  latest,
  metricIs,
  microphoneOpen,
  outcomes,
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

const open = () => place.open({ onDemandMicrophone: true, witness: true });

/** What the agent has counted, and what Whisper was asked. */
async function sofar() {
  const { costs } = await place.agent.agent.json<{ costs: { total_usd: number } }>('/api/metrics');
  const { calls } = place.agent.sandbox.calls.totals().transcriptions;
  return { turns: await outcomes(place.agent), cost: costs.total_usd, transcriptions: calls };
}

/** Starts a recording by a short press, and says part of a sentence into it. */
async function tapAndSpeak(page: Page): Promise<void> {
  await page.locator('#talk').click();
  await state(page, 'listening');
  await microphoneOpen(page);
  await speak(page, await youngMan);
}

test('writing lets go of what is being recorded: only the text is a turn, and it is answered at once', async () => {
  await using opened = await open();
  const { page } = opened;
  const { transcriptions } = await sofar();
  await tapAndSpeak(page);
  await write(page, 'What is a closure?');
  await overAfter(page, 1);
  assert.equal(await latest(page, 'you'), 'What is a closure?');
  assert.match(await latest(page, 'agent'), /closure/);
  assert.equal((await sofar()).transcriptions, transcriptions, 'the rest was never sent to Whisper');
  await page.keyboard.press('Escape');
  await state(page, 'idle');
  await overAfter(page, 1);
  assert.deepEqual(opened.problems(), []);
});

test('a session ends at once while something is being recorded, and what was recorded is no turn', async () => {
  await using opened = await open();
  const { page } = opened;
  const earlier = await sofar();
  await tapAndSpeak(page);
  await page.locator('#end').click();
  await page.locator('#log').getByText('The session is over: 0 exchanges').waitFor({ timeout: 10_000 });
  await state(page, 'idle');
  assert.equal(await page.locator('.turn, .problem').count(), 0);
  assert.deepEqual(await sofar(), earlier);
  assert.deepEqual(opened.problems(), []);
});

test('hands-free: Esc takes back what is being said, the rest of the sentence too, and nothing was spent', async () => {
  await using opened = await open();
  const { page } = opened;
  await switchHandsFreeOn(page);
  const earlier = await sofar();
  const spoken = speak(page, await youngMan);
  await state(page, 'listening');
  await page.keyboard.press('Escape');
  await state(page, 'idle');
  await spoken;
  const heardSpeech = (await moments(page)).filter(({ what }) => what === 'end noticed');
  assert.equal(heardSpeech.length, 1, 'the rest was not taken for speech of its own');
  assert.equal(await page.locator('.turn').count(), 0);
  assert.deepEqual(await sofar(), earlier);

  // After as much silence as ends an utterance, whoever speaks has the word again.
  await speak(page, joined([{ silence: 1.2 }, await amiable, { silence: 1 }]));
  await overAfter(page, 1);
  assert.match(await latest(page, 'you'), /might even have been made/i);
  await page.keyboard.press('Escape');
  assert.equal((await sofar()).transcriptions, earlier.transcriptions + 1);
  assert.deepEqual(opened.problems(), []);
});

test('hands-free: who holds the key while speaking says one turn, and it is answered', async () => {
  await using opened = await open();
  const { page } = opened;
  await switchHandsFreeOn(page);
  const { turns } = await sofar();
  await page.locator('#talk').focus();
  const spoken = speak(page, await youngMan);
  await state(page, 'listening');
  await page.keyboard.down('Space');
  await page.locator('#state').getByText('release to send').waitFor();
  await spoken;
  await speak(page, await amiable);
  await page.keyboard.up('Space');
  await overAfter(page, 1);
  assert.match(await latest(page, 'you'), /might even have been made/i);
  await metricIs(place.agent, 'voice_turns_total{outcome="answered"}', (turns.answered ?? 0) + 1);
  assert.equal(await page.locator('.turn .problem').count(), 0);
  await page.keyboard.press('Escape');

  await speak(page, joined([{ silence: 1.2 }, await youngMan, { silence: 1 }]));
  await overAfter(page, 2);
  assert.match(await latest(page, 'you'), /young man/i);
  await page.keyboard.press('Escape');
  assert.deepEqual(opened.problems(), []);
});
