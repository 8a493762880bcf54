import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { startAgentWithSandbox, startNetwork, youngMan } from '../client/support.ts';
import { openBrowser } from '../support/browser.ts';
import { hold, latest, metricIs, microphoneOpen, overAfter, startPlace, state, write } from './support.ts';

test('what providers fail with is said in plain words with the cure, counted once, and the next turn is answered', async () => {
  await using place = await startPlace();
  await using opened = await place.open({ onDemandMicrophone: true });
  const { page } = opened;
  const { faults } = place.agent.sandbox;

  faults.set({ messages: { status: 529 } });
  await write(page, 'What is a closure?');
  await overAfter(page, 1);
  assert.match(await latest(page, 'problem'), /Claude.*again/i);
  assert.doesNotMatch(await latest(page, 'problem'), /529|AppError|undefined/);
  await metricIs(place.agent, 'voice_turns_total{outcome="failed"}', 1);

  faults.set({ messages: { cut: 'body' } });
  await write(page, 'What is a closure?');
  await overAfter(page, 2);
  assert.match(await latest(page, 'problem'), /again/i);

  faults.clear();
  faults.set({ transcriptions: { status: 500 } });
  await hold(page, await youngMan);
  await overAfter(page, 3);
  assert.match(await latest(page, 'problem'), /Whisper.*again/i);

  faults.clear();
  faults.set({ speech: { status: 500 } });
  await write(page, 'What is a closure?');
  await overAfter(page, 4);
  assert.match(await latest(page, 'agent'), /closure/, 'the words are there');
  assert.match(await latest(page, 'problem'), /voice|speech|spoken/i);

  faults.clear();
  await write(page, 'And a monad?');
  await overAfter(page, 5);
  assert.match(await latest(page, 'agent'), /monad/);
  assert.deepEqual(opened.problems(), []);
});

/** What the session's meter shows, in USD. */
const spent = (page: Page) => page.getByLabel('Session: spent').evaluate((meter) => (meter as HTMLMeterElement).value);

test('a budget that is spent is said, with what is left shown before', async () => {
  await using place = await startPlace({ env: { BUDGET_SESSION_USD: '0.0007' } });
  await using opened = await place.open();
  const { page } = opened;
  await page.locator('#speak').click();
  await write(page, 'What is a closure?');
  await overAfter(page, 1);
  assert.match((await page.locator('#budget').textContent()) ?? '', /Session\$0\.000\d+ of \$0\.0007/);
  assert.ok((await spent(page)) < 0.0007);
  await write(page, 'And a monad?');
  await overAfter(page, 2);
  await write(page, 'And a functor?');
  await overAfter(page, 3);
  assert.match(await latest(page, 'problem'), /budget of 0\.0007 USD/);
  assert.equal(await spent(page), 0.0007, 'the meter is full');
  await metricIs(place.agent, 'voice_turns_total{outcome="refused"}', 1);
  assert.deepEqual(opened.problems(), []);
});

test('silence is no turn: the learner hears why, and nothing is stored', async () => {
  await using place = await startPlace();
  await using opened = await place.open({ onDemandMicrophone: true });
  const { page } = opened;
  await page.keyboard.down('Space');
  await microphoneOpen(page);
  await page.waitForTimeout(700);
  await page.keyboard.up('Space');
  await overAfter(page, 1);
  assert.match(await latest(page, 'problem'), /No words were heard/);
  await metricIs(place.agent, 'voice_turns_total{outcome="empty"}', 1);
  assert.deepEqual(opened.problems(), []);
});

test('a lost connection is told, comes back by itself, and the session goes on where it was', async () => {
  await using agent = await startAgentWithSandbox();
  await using network = await startNetwork(agent.url);
  await using browser = await openBrowser();
  await using opened = await browser.open(network.url);
  const { page } = opened;
  await state(page, 'idle');
  await write(page, 'What is a closure?');
  await overAfter(page, 1);
  agent.sandbox.faults.set({ messages: { stall: 'body', times: 1 } });
  await write(page, 'Explain recursion to me');
  await state(page, 'thinking');
  network.cut();
  await overAfter(page, 2);
  assert.match(await latest(page, 'problem'), /connection.*lost.*say it again/i);
  await state(page, 'idle');
  assert.equal(await page.locator('#offline').isVisible(), false);
  await write(page, 'What did I ask first?');
  await overAfter(page, 3);
  assert.match(await latest(page, 'agent'), /closure/, 'it remembers');
  const sessions = await agent.agent.json<{ database: { unique_sessions: number } }>('/api/stats');
  assert.equal(sessions.database.unique_sessions, 1);

  await page.reload();
  await state(page, 'idle');
  await overAfter(page, await page.locator('.turn').count());
  assert.match((await page.locator('#log').textContent()) ?? '', /What is a closure\?.*What did I ask first\?/s);
});

test('a session id that the agent does not take is told, and a new session opened', async () => {
  await using place = await startPlace();
  await using opened = await place.open();
  const { page } = opened;
  await page.evaluate(() => sessionStorage.setItem('session', 'no good id!'));
  await page.reload();
  await state(page, 'idle');
  assert.match(await page.evaluate(() => sessionStorage.getItem('session') ?? ''), /^[\w-]{36}$/);
  assert.match((await page.locator('.aside.problem').textContent()) ?? '', /^session_id/);
  await write(page, 'What is a closure?');
  await overAfter(page, 1);
  assert.deepEqual(opened.problems(), []);
});

test('an agent that is gone is told in words for as long as it is, and what was written then stays in its field', async () => {
  await using place = await startPlace();
  await using opened = await place.open();
  const { page } = opened;
  await place.agent.agent.stop();
  await state(page, 'offline');
  assert.match((await page.locator('#offline').textContent()) ?? '', /connection.*lost|not connected/i);
  assert.equal(await page.locator('#talk').getAttribute('aria-disabled'), 'true');
  await write(page, 'Are you there?');
  assert.equal(await page.getByLabel('Your words').inputValue(), 'Are you there?');
  assert.equal(await page.locator('.turn').count(), 0, 'nothing was said');
});

for (const [what, options, says] of [
  ['blocked', { permission: 'denied' }, /blocked: allow it/],
  ['missing', { microphone: false }, /No microphone was found/],
] as const) {
  test(`a microphone that is ${what} is said with its cure, and writing goes on`, async () => {
    await using place = await startPlace(options);
    await using opened = await place.open();
    const { page } = opened;
    for (const button of ['#talk', '#hands-free']) {
      await page.locator(button).click();
      await page.locator('.aside.problem').last().waitFor();
      assert.match((await page.locator('.aside.problem').last().textContent()) ?? '', says);
      await state(page, 'idle');
    }
    assert.equal(await page.locator('#hands-free').getAttribute('aria-pressed'), 'false');
    await write(page, 'What is a closure?');
    await overAfter(page, 1);
    assert.match(await latest(page, 'agent'), /closure/);
    assert.deepEqual(opened.problems(), []);
  });
}
