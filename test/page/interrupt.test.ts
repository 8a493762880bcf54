import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { startNetwork, youngMan } from '../client/support.ts';
import type { OpenPage } from '../support/browser.ts';
import { clock, heard, soundSince, untilSilent } from '../support/ear.ts';
import { speak } from '../support/microphone.ts';
import { waitFor } from '../support/wait.ts';
import {
  latest,
  metric,
  metricIs,
  microphoneOpen,
  overAfter,
  type Place,
  startPlace,
  state,
  write,
} from './support.ts';

const LONG = 'Explain how a sailing boat can go against the wind';
/** What the product promises between an interrupt and silence. */
const SILENT_WITHIN_MS = 200;

let place: Place;
before(async () => {
  place = await startPlace();
});
after(() => place?.[Symbol.asyncDispose]());

let earlier: { interrupted: number; answered: number; cancelled: number };
beforeEach(async () => {
  place.agent.sandbox.faults.clear();
  earlier = await counts();
});

async function counts() {
  const of = async (outcome: string) => (await metric(place.agent, `voice_turns_total{outcome="${outcome}"}`)) ?? 0;
  const { cancelled } = place.agent.sandbox.calls.totals().messages.by_outcome;
  return { interrupted: await of('interrupted'), answered: await of('answered'), cancelled };
}

const open = (): Promise<OpenPage> => place.open({ ear: true, onDemandMicrophone: true });

/** Asks for a reply that is spoken before it is whole, and waits for its sound. */
async function askForLongReply(page: Page): Promise<void> {
  place.agent.sandbox.faults.set({ messages: { token_delay_ms: 150 } });
  const asked = await clock(page);
  await write(page, LONG);
  await soundSince(page, asked);
}

test('Esc while the reply is written and spoken: silence at once, the provider’s call is cancelled, counted once', async () => {
  await using opened = await open();
  const { page } = opened;
  await askForLongReply(page);
  const pressed = await clock(page);
  await page.keyboard.press('Escape');
  const silent = await untilSilent(page);
  assert.ok(silent - pressed <= SILENT_WITHIN_MS, `${silent - pressed} ms`);
  await overAfter(page, 1);
  assert.match(await latest(page, 'agent'), /\(interrupted\)$/);
  await metricIs(place.agent, 'voice_turns_total{outcome="interrupted"}', earlier.interrupted + 1);
  await place.agent.sandbox.calls.idle();
  assert.equal((await counts()).cancelled, earlier.cancelled + 1, 'the stream was cut off, not read to its end');
  await state(page, 'idle');
  assert.deepEqual(opened.problems(), []);
});

test('speaking up while the companion speaks: it falls silent, and what was said is the next turn', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.locator('#hands-free').click();
  await page.waitForSelector('#hands-free[aria-busy]', { state: 'detached' });
  await microphoneOpen(page);
  // When the page decides to interrupt it tells the agent so.
  await page.evaluate(() => {
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (data) {
      if (typeof data === 'string' && data.includes('"interrupt"')) performance.mark('interrupt');
      send.call(this, data);
    };
  });
  await askForLongReply(page);
  place.agent.sandbox.faults.clear();
  const spoke = speak(page, await youngMan);
  await page.waitForFunction(() => performance.getEntriesByName('interrupt').length > 0, undefined, { polling: 5 });
  const [interrupted = 0] = await page.evaluate(() =>
    performance.getEntriesByName('interrupt').map(({ startTime }) => startTime),
  );
  // Longer than a breath of the voice, shorter than what the learner still has to say.
  const silent = await untilSilent(page, 300);
  const { beganMs, endedMs } = await spoke;
  assert.ok(interrupted < endedMs, 'not only when the learner had finished');
  assert.ok(silent - interrupted <= SILENT_WITHIN_MS, `${silent} after ${interrupted}, spoken from ${beganMs}`);
  await overAfter(page, 2);
  assert.match((await page.locator('.turn').first().locator('.agent').textContent()) ?? '', /\(interrupted\)$/);
  assert.match(await latest(page, 'you'), /young man/i);
  await metricIs(place.agent, 'voice_turns_total{outcome="answered"}', earlier.answered + 1);
  assert.equal((await counts()).interrupted, earlier.interrupted + 1);
  await untilSilent(page);
  assert.deepEqual(opened.problems(), []);
});

test('what was on its way when the learner broke in is not heard any more', async () => {
  await using network = await startNetwork(place.agent.url);
  await using opened = await place.browser.open(network.url, { ear: true });
  const { page } = opened;
  await state(page, 'idle');
  place.agent.sandbox.faults.set({ messages: { token_delay_ms: 40 } });
  const asked = await clock(page);
  await write(page, LONG);
  await soundSince(page, asked);
  network.hold();
  const spoken = () => place.agent.sandbox.calls.totals().speech.by_outcome.ok;
  const before = spoken();
  // The agent goes on to speak, and the network keeps it back.
  await waitFor('another sentence', async () => (spoken() > before ? true : undefined));
  const { sources } = await heard(page);
  await page.keyboard.press('Escape');
  network.release();
  await overAfter(page, 1);
  await untilSilent(page);
  assert.equal((await heard(page)).sources, sources);
  assert.deepEqual(opened.problems(), []);
});

test('an interrupt after the last word stops the voice and takes nothing back', async () => {
  await using opened = await open();
  const { page } = opened;
  const asked = await clock(page);
  await write(page, LONG);
  await soundSince(page, asked);
  await overAfter(page, 1);
  const pressed = await clock(page);
  await page.locator('#stop').click();
  const silent = await untilSilent(page);
  assert.ok(silent - pressed <= SILENT_WITHIN_MS + 100, `${silent - pressed} ms, the click included`);
  assert.doesNotMatch(await latest(page, 'agent'), /interrupted/);
  assert.deepEqual(await counts(), { ...earlier, answered: earlier.answered + 1 });
  assert.deepEqual(opened.problems(), []);
});

test('an interrupt before the first word: the turn ends, nothing is stored, the next is answered', async () => {
  await using opened = await open();
  const { page } = opened;
  place.agent.sandbox.faults.set({ messages: { stall: 'headers', times: 1 } });
  await write(page, LONG);
  await state(page, 'thinking');
  await waitFor('the call', async () =>
    place.agent.sandbox.calls.totals().messages.in_progress > 0 ? true : undefined,
  );
  await page.keyboard.press('Escape');
  await overAfter(page, 1);
  await write(page, 'What is a closure?');
  await overAfter(page, 2);
  assert.match(await latest(page, 'agent'), /closure/);
  const { interrupted } = await counts();
  assert.equal(interrupted, earlier.interrupted + 1);
  assert.deepEqual(opened.problems(), []);
});

test('a new turn breaks off the one before, however often: only the last is heard, and sounds never overlap', async () => {
  await using opened = await open();
  const { page } = opened;
  place.agent.sandbox.faults.set({ messages: { token_delay_ms: 40 } });
  for (const text of ['What is a closure?', 'And a monad?', 'Or a functor?', LONG]) {
    await write(page, text);
    await state(page, 'thinking');
  }
  await overAfter(page, 4);
  const { atOnce } = await heard(page);
  assert.equal(atOnce, 1);
  await page.keyboard.press('Escape');
  await untilSilent(page);
  assert.equal((await counts()).answered, earlier.answered + 1);
  assert.equal((await counts()).interrupted, earlier.interrupted + 3);
  assert.deepEqual(opened.problems(), []);
});
