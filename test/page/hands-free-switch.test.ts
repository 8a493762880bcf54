import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { amiable, silence, youngMan } from '../client/support.ts';
import { joined, speak } from '../support/microphone.ts';
import { latest, overAfter, type Place, startPlace, state, switchHandsFreeOn } from './support.ts';

const MODEL = '**/vendor/silero-vad.onnx';

let place: Place;
before(async () => {
  place = await startPlace();
});
after(() => place?.[Symbol.asyncDispose]());

const open = () => place.open({ onDemandMicrophone: true });
const transcriptions = () => place.agent.sandbox.calls.totals().transcriptions.calls;

/** Says something, and the silence that ends it. */
const say = async (page: Page, wav: Uint8Array) => speak(page, joined([{ silence: 0.5 }, wav, { silence: 1 }]));

test('switched on, off and on while it loads, there is one listener: one turn for what is said once', async () => {
  await using opened = await open();
  const { page } = opened;
  const { promise: loaded, resolve: load } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  await page.route(MODEL, async (route) => {
    ask();
    await loaded;
    await route.continue();
  });
  const button = page.locator('#hands-free');
  await button.click();
  await asked;
  await page.locator('#state').getByText('Getting ready to listen').waitFor();
  await button.click();
  assert.equal(await button.getAttribute('aria-busy'), null);
  await button.click();
  load();
  await page.locator('#hands-free[aria-pressed=true]:not([aria-busy])').waitFor();
  const before = transcriptions();
  await say(page, await youngMan);
  await overAfter(page, 1);
  assert.match(await latest(page, 'you'), /young man/i);
  assert.equal(transcriptions(), before + 1);
  await page.keyboard.press('Escape');
  await button.click();
  await page.waitForSelector('body[data-microphone=off]');
  assert.deepEqual(opened.problems(), []);
});

test('switched off while it loads, it stays off, and the microphone with it', async () => {
  await using opened = await open();
  const { page } = opened;
  const { promise: loaded, resolve: load } = Promise.withResolvers<void>();
  await page.route(MODEL, async (route) => {
    await loaded;
    await route.continue();
  });
  const answered = page.waitForResponse(MODEL);
  await page.locator('#hands-free').click();
  await page.waitForSelector('body[data-microphone=on]');
  await page.locator('#hands-free').click();
  load();
  await (await answered).finished();
  await page.waitForSelector('body[data-microphone=off]');
  await say(page, await youngMan);
  assert.equal(await page.locator('.turn').count(), 0);
  assert.equal(await page.locator('#hands-free').getAttribute('aria-pressed'), 'false');
  assert.deepEqual(opened.problems(), []);
});

test('a model that is missing is told with what to do instead, and the next try finds it', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.route(MODEL, (route) => route.fulfill({ status: 404, body: '' }), { times: 1 });
  await page.locator('#hands-free').click();
  const told = (await page.locator('.aside.problem').textContent()) ?? '';
  assert.match(told, /Hands-free can.t be used here .*404.*hold the button to talk/);
  assert.equal(await page.locator('#hands-free').getAttribute('aria-pressed'), 'false');
  await page.waitForSelector('body[data-microphone=off]');
  await state(page, 'idle');
  assert.deepEqual(
    opened.problems().filter((problem) => !problem.includes('silero-vad.onnx')),
    [],
  );

  await switchHandsFreeOn(page);
  await say(page, await amiable);
  await overAfter(page, 1);
  assert.match(await latest(page, 'you'), /might even have been made/i);
  await page.keyboard.press('Escape');
});

test('ten times on and off take no more memory than once, and it still hears', async () => {
  await using opened = await open();
  const { page } = opened;
  await page.evaluate(() => {
    const memories: WebAssembly.Memory[] = [];
    WebAssembly.Memory = class extends WebAssembly.Memory {
      constructor(size: WebAssembly.MemoryDescriptor) {
        super(size);
        memories.push(this);
      }
    };
    Object.assign(globalThis, { memories });
  });
  const bytes = () =>
    page.evaluate(() =>
      (globalThis as unknown as { memories: WebAssembly.Memory[] }).memories.map(({ buffer }) => buffer.byteLength),
    );
  await switchHandsFreeOn(page);
  await speak(page, silence(1));
  const once = await bytes();
  assert.ok(once.length > 0, 'the runtime has memory');
  for (let time = 0; time < 10; time++) {
    await page.locator('#hands-free').click();
    await page.waitForSelector('body[data-microphone=off]');
    await switchHandsFreeOn(page);
  }
  await say(page, await youngMan);
  await overAfter(page, 1);
  assert.deepEqual(await bytes(), once);
  await page.keyboard.press('Escape');
  assert.deepEqual(opened.problems(), []);
});
