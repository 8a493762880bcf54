import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { amiable, youngMan } from '../client/support.ts';
import { clock, soundSince, untilSilent } from '../support/ear.ts';
import { hold, metric, metricIs, overAfter, type Place, startPlace, write } from './support.ts';

/** The ear's slots, the clocks of two audio contexts, and the frame in which a key is noticed. */
const ALLOWED_MS = 150;

let place: Place;
before(async () => {
  place = await startPlace();
});
after(() => place?.[Symbol.asyncDispose]());

const HEARD = 'voice_turn_first_response_seconds_sum{kind="heard"}';
const COUNT = 'voice_turn_first_response_seconds_count{kind="heard"}';

test('“first sound after” is what the learner’s ear says, and what the agent counts', async () => {
  await using opened = await place.open({ ear: true, onDemandMicrophone: true });
  const { page } = opened;
  await page.evaluate(() => {
    const note = ({ key, timeStamp }: KeyboardEvent, wanted: string) =>
      key === wanted && Object.assign(globalThis, { said: timeStamp });
    document.addEventListener('keyup', (event) => note(event, ' '), true);
    document.addEventListener('keydown', (event) => note(event, 'Enter'), true);
  });
  let shown = 0;
  const ways = [
    async () => hold(page, await youngMan),
    async () => write(page, 'What is a closure?'),
    async () => hold(page, await amiable),
  ];
  for (const [turns, say] of ways.entries()) {
    const before = await clock(page);
    await say();
    await overAfter(page, turns + 1);
    const said = await page.evaluate(() => (globalThis as unknown as { said: number }).said);
    assert.ok(said > before);
    const sounded = await soundSince(page, said);
    const summary = (await page.locator('.figures summary').last().textContent()) ?? '';
    const [, value = '', unit] = /^first sound after ([\d.]+) (ms|s) /.exec(summary) ?? [];
    const told = Number(value) * (unit === 's' ? 1000 : 1);
    const heard = sounded - said;
    assert.ok(Math.abs(told - heard) <= ALLOWED_MS, `the page says ${summary}, the ear ${heard} ms`);
    shown += told;
    await metricIs(place.agent, COUNT, turns + 1);
    await page.keyboard.press('Escape');
    await untilSilent(page, 200);
  }
  const sum = ((await metric(place.agent, HEARD)) ?? 0) * 1000;
  // Each is shown to 5 ms.
  assert.ok(Math.abs(sum - shown) <= ways.length * 5 + 0.1, `the page showed ${shown} ms, the agent has ${sum} ms`);
  assert.deepEqual(opened.problems(), []);
});
