import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { amiable, youngMan } from '../client/support.ts';
import { clock, heard, soundSince, untilSilent } from '../support/ear.ts';
import { speak } from '../support/microphone.ts';
import {
  hold,
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

let place: Place;
before(async () => {
  place = await startPlace();
});
after(() => place?.[Symbol.asyncDispose]());

const VOICE = { ear: true, onDemandMicrophone: true };

test('held down, the space bar speaks: the words are understood, the answer streams in and is spoken as it comes', async () => {
  await using opened = await place.open(VOICE);
  const { page } = opened;
  // Slow enough to see the reply grow, and to hear its beginning before its end is written.
  place.agent.sandbox.faults.set({ messages: { token_delay_ms: 60 } });
  await page.keyboard.down('Space');
  await state(page, 'listening');
  await microphoneOpen(page);
  await speak(page, await youngMan);
  await page.keyboard.up('Space');
  const released = await clock(page);

  const lengths = await page.evaluate(async () => {
    const seen: number[] = [];
    for (;;) {
      const turn = document.querySelector('.turn');
      const length = turn?.querySelector('.agent')?.textContent?.length ?? 0;
      if (length > 0 && length !== seen.at(-1)) seen.push(length);
      if (turn?.getAttribute('aria-busy') === 'false') return { seen, at: performance.now() };
      await new Promise(requestAnimationFrame);
    }
  });
  assert.ok(lengths.seen.length >= 5, `the reply grew in ${lengths.seen.length} steps`);
  const firstSound = await soundSince(page, released);
  assert.ok(firstSound < lengths.at, `first sound at ${firstSound}, reply whole at ${lengths.at}`);
  assert.match(await latest(page, 'you'), /young man$/i);
  assert.match(await latest(page, 'agent'), /\w\.$/);

  const { sources, atOnce } = await heard(page);
  assert.ok(sources >= 2, `${sources} sentences`);
  assert.equal(atOnce, 1, 'sentences never overlap');
  await untilSilent(page);
  await state(page, 'idle');
  place.agent.sandbox.faults.clear();
  assert.deepEqual(opened.problems(), []);
});

test('a turn shows where its time went and what it cost, and tells the agent what the learner perceived', async () => {
  await using opened = await place.open(VOICE);
  const { page } = opened;
  const told = (kind: string) => `voice_turn_first_response_seconds_count{kind="${kind}"}`;
  const [heardBefore = 0, seenBefore = 0] = [
    await metric(place.agent, told('heard')),
    await metric(place.agent, told('seen')),
  ];
  await hold(page, await amiable);
  await overAfter(page, 1);
  await page.locator('.figures summary').click();
  const summary = (await page.locator('.figures summary').textContent()) ?? '';
  const [, sound = '', unit = '', cost = ''] =
    /^first sound after ([\d.]+) (ms|s) · \$(0\.\d{6}) · statement$/.exec(summary) ?? [];
  assert.ok(Number(cost) > 0.002, summary);
  const names = await page.locator('.waterfall th').allTextContents();
  for (const name of [
    'sent',
    'other',
    'transcribed',
    'context',
    'thought',
    'first word',
    'rest spoken',
    'stored',
    'first sound',
    'done',
  ]) {
    assert.ok(names.includes(name), `${name} in ${names.join(', ')}`);
  }
  const { costs } = await place.agent.agent.json<{ costs: { total_usd: number } }>('/api/metrics');
  assert.ok(costs.total_usd >= Number(cost) - 1e-6);
  await untilSilent(page);
  await metricIs(place.agent, told('heard'), heardBefore + 1);
  await metricIs(place.agent, told('seen'), seenBefore + 1);
  const ms = Number(sound) * (unit === 's' ? 1000 : 1);
  assert.ok(ms > 50 && ms < 20_000, summary);
  assert.deepEqual(opened.problems(), []);
});

test('the first sentence sounds at once, without the silence that its file begins with; later ones keep their pause', async () => {
  await using opened = await place.open(VOICE);
  const { page } = opened;
  await page.evaluate(() => {
    const { start } = AudioBufferSourceNode.prototype;
    AudioBufferSourceNode.prototype.start = function (when, offset = 0) {
      performance.mark('sentence', { detail: offset });
      start.call(this, when, offset);
    };
  });
  await write(page, 'What is a closure?');
  await overAfter(page, 1);
  const marks = await page.evaluate(() =>
    performance.getEntriesByName('sentence').map((mark) => (mark as PerformanceMark).detail as number),
  );
  const [first = 0, ...later] = marks;
  assert.ok(first > 0.05, `${first} s`);
  assert.ok(later.length > 0 && later.every((offset) => offset === 0), later.join(' '));
  assert.deepEqual(opened.problems(), []);
});

test('each turn starts a trace of its own, spoken or written', async () => {
  await using opened = await place.open(VOICE);
  const { page } = opened;
  const sent: string[] = [];
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
  await page.reload();
  await state(page, 'idle');
  await hold(page, await amiable);
  await overAfter(page, 1);
  await write(page, 'What is a closure?');
  await overAfter(page, 2);
  await page.keyboard.press('Escape');
  const traces = ['audio:end', 'text'].map((event) => {
    const [frame = ''] = sent.filter((frame) => frame.includes(`["${event}",`));
    return /"traceparent":"00-([0-9a-f]{32})-[0-9a-f]{16}-01"/.exec(frame)?.[1];
  });
  assert.ok(traces.every((trace) => trace !== undefined) && traces[0] !== traces[1], traces.join(' '));
  assert.deepEqual(opened.problems(), []);
});

test('a browser that resamples no microphone is understood all the same', async () => {
  await using opened = await place.open(VOICE);
  const { page } = opened;
  // As Firefox does.
  await page.evaluate(() => {
    const { createMediaStreamSource } = AudioContext.prototype;
    AudioContext.prototype.createMediaStreamSource = function (stream) {
      if (this.sampleRate === 16_000) throw new DOMException('another rate', 'NotSupportedError');
      return createMediaStreamSource.call(this, stream);
    };
  });
  await hold(page, await youngMan);
  await overAfter(page, 1);
  assert.match(await latest(page, 'you'), /young man/i);
  await page.keyboard.press('Escape');
  assert.deepEqual(opened.problems(), []);
});

test('a short press starts and another ends; Enter on the button does the same; Esc takes back what was said', async () => {
  await using opened = await place.open(VOICE);
  const { page } = opened;
  await page.locator('#talk').click();
  await state(page, 'listening');
  await microphoneOpen(page);
  await speak(page, await amiable);
  await page.locator('#talk').click();
  await overAfter(page, 1);
  assert.match(await latest(page, 'you'), /might even have been made/i);

  await page.locator('#talk').press('Enter');
  await state(page, 'listening');
  await speak(page, await youngMan);
  await page.locator('#talk').press('Enter');
  await overAfter(page, 2);
  assert.match(await latest(page, 'you'), /young man/i);
  await untilSilent(page);

  await page.keyboard.down('Space');
  await state(page, 'listening');
  await speak(page, await amiable);
  await page.keyboard.press('Escape');
  await page.keyboard.up('Space');
  await state(page, 'idle');
  await overAfter(page, 2);
  await write(page, 'Is this still the same session?');
  await overAfter(page, 3);
  assert.deepEqual(opened.problems(), []);
});

test('Space in a field is a space, on another button that button, and in the memory view nothing', async () => {
  await using opened = await place.open(VOICE);
  const { page } = opened;
  await page.getByLabel('Your words').focus();
  await page.keyboard.type('two words');
  assert.equal(await page.getByLabel('Your words').inputValue(), 'two words');
  await page.locator('#speak').focus();
  await page.keyboard.press('Space');
  assert.equal(await page.locator('#speak').getAttribute('aria-pressed'), 'false');
  await page.locator('#show-memory').click();
  await page.locator('#memory-title').click();
  await page.keyboard.press('Space');
  assert.notEqual(await page.evaluate(() => document.body.dataset.microphone), 'on', 'out of sight, it hears nothing');
  await state(page, 'idle');
  assert.deepEqual(opened.problems(), []);
});
