import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityProblems } from '../support/accessibility.ts';
import { openBrowser } from '../support/browser.ts';
import { clock, heard, silentSince, soundSince, untilSilent } from '../support/ear.ts';
import { joined, samplesOf, speak } from '../support/microphone.ts';
import { type Recording, recordings } from '../support/recordings.ts';
import { play, record, site } from './blank-site.ts';
import { correlation, floats } from './signal.ts';

/** The second and the last are of 3 s. */
type Voices = [Recording, Recording, Recording, Recording, Recording];

test('the microphone is what it is told to be, undistorted', async () => {
  const [, recording] = (await recordings()) as Voices;
  const tape = joined([{ silence: 0.5 }, recording.bytes, { silence: 5 }]);
  const said = floats(samplesOf(recording.bytes));
  await using server = await site();
  await using browser = await openBrowser({ microphone: tape });
  await using open = await browser.open(server.url);
  await open.page.evaluate(record);
  const samples = await open.page.evaluate((seconds) => globalThis.recorded(seconds), said.length / 16_000 + 1.5);
  assert.ok(correlation(said, samples) > 0.95, `it correlates with ${correlation(said, samples)}`);
  assert.deepEqual(open.problems(), []);
});

test('the microphone hears what the test says, when it says it', async () => {
  const [, first, , , second] = (await recordings()) as Voices;
  await using server = await site();
  await using browser = await openBrowser();
  await using open = await browser.open(server.url, { ear: true, onDemandMicrophone: true });
  await open.page.evaluate(record);
  for (const { bytes } of [first, second]) {
    const seconds = await open.page.evaluate(async () => (await globalThis.recorded(0)).length / 16_000);
    const { beganMs, endedMs } = await speak(open.page, bytes);
    const said = floats(samplesOf(bytes));
    assert.ok(Math.abs(endedMs - beganMs - said.length / 16) < 500, `it took ${endedMs - beganMs} ms to say`);
    const all = await open.page.evaluate((until) => globalThis.recorded(until), seconds + said.length / 16_000 + 1);
    const samples = all.slice(seconds * 16_000);
    assert.ok(correlation(said, samples) > 0.95, `it correlates with ${correlation(said, samples)}`);
  }
  assert.equal((await heard(open.page)).sources, 0, 'what the microphone hears is not what the loudspeaker plays');
  assert.deepEqual(open.problems(), []);
});

test('a microphone that is refused or not there is so for the page, too', async () => {
  await using server = await site();
  const ask = async (options: Parameters<typeof openBrowser>[0]) => {
    await using browser = await openBrowser(options);
    await using open = await browser.open(server.url, { onDemandMicrophone: true });
    return await open.page.evaluate(() =>
      navigator.mediaDevices.getUserMedia({ audio: true }).then(
        () => 'granted',
        ({ name }) => name,
      ),
    );
  };
  assert.equal(await ask({}), 'granted');
  assert.equal(await ask({ permission: 'denied' }), 'NotAllowedError');
  assert.equal(await ask({ microphone: false }), 'NotFoundError');
});

test('the ear hears when sound begins, how loud it is, when it ends, and what overlaps', async () => {
  await using server = await site();
  await using browser = await openBrowser();
  await using open = await browser.open(server.url, { ear: true });
  const { page } = open;
  assert.equal(await silentSince(page), 0, 'nothing has sounded');
  const due = await page.evaluate(play, [0, 0.3]);
  const began = await soundSince(page, 0);
  assert.equal(await silentSince(page), undefined, 'it sounds');
  assert.ok(began > due - 30 && began < due + 250, `it began ${began - due} ms after it was due`);
  const silent = await untilSilent(page, 300);
  assert.ok(Math.abs(silent - began - 600) <= 60, `it sounded for ${silent - began} ms, of 600`);
  const { rms, slotMs, sources, atOnce, missedMs } = await heard(page);
  const middle = rms.slice(began / slotMs + 5, began / slotMs + 55);
  const loudness = middle.reduce((sum, one) => sum + one, 0) / middle.length;
  assert.ok(Math.abs(loudness - 0.5 / Math.SQRT2) < 0.03, `its loudness is ${loudness}`);
  assert.deepEqual({ sources, atOnce, missedMs }, { sources: 2, atOnce: 1, missedMs: 0 });

  const now = await clock(page);
  await page.evaluate(play, [0, 0.2]);
  assert.ok((await soundSince(page, now)) > now);
  assert.equal((await heard(page)).atOnce, 2, 'two overlap');
  assert.deepEqual(open.problems(), []);
});

test('a page is opened as it was asked for, and what goes wrong on it is told', async () => {
  await using server = await site();
  await using browser = await openBrowser();
  await using open = await browser.open(server.url, {
    colorScheme: 'dark',
    viewport: { width: 390, height: 844 },
    token: 'secret',
  });
  const seen = await open.page.evaluate(() => ({
    dark: matchMedia('(prefers-color-scheme: dark)').matches,
    width: innerWidth,
    height: innerHeight,
    token: sessionStorage.getItem('token'),
  }));
  assert.deepEqual(seen, { dark: true, width: 390, height: 844, token: 'secret' });
  assert.deepEqual(open.problems(), []);
  await open.page.evaluate(async () => {
    console.warn('watch out');
    setTimeout(() => {
      throw new Error('thrown late');
    });
    await fetch('/nothing');
    await fetch('http://127.0.0.1:1/').catch(() => {});
    document.body.append(Object.assign(document.createElement('script'), { text: 'this is forbidden' }));
    await new Promise((resolve) => setTimeout(resolve));
  });
  await open.page.evaluate(() => document.title);
  const told = open.problems().join('\n');
  for (const expected of [
    /console warning: watch out/,
    /exception: Error: thrown late/,
    /console error: .*404 .*\/nothing/,
    /CSP: connect-src forbids http:\/\/127\.0\.0\.1:1\//,
    /CSP: script-src-elem forbids inline/,
  ])
    assert.match(told, expected);
});

test('the audit finds what keeps people out', async () => {
  await using server = await site();
  await using browser = await openBrowser();
  await using open = await browser.open(server.url);
  assert.deepEqual(await accessibilityProblems(open.page), []);
  await open.page.evaluate(() => document.querySelector('main')?.append(document.createElement('button')));
  const [line = '', ...others] = await accessibilityProblems(open.page);
  assert.match(line, /^button-name \(critical\): Buttons must have discernible text: button: Fix/);
  assert.deepEqual(others, []);
  assert.deepEqual(open.problems(), []);
});
