import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createListener, FRAME_SAMPLES, type Utterance } from '../../src/listening/index.ts';
import { detector, framesOf, listenTo, pcmOf, silence } from './support.ts';

/** Frames that can be told apart by their first sample. */
const numbered = (count: number) =>
  Array.from({ length: count }, (_, number) => new Float32Array(FRAME_SAMPLES).fill((number + 1) / 4096));
const numberOf = (frame: Float32Array) => Math.round((frame[0] ?? 0) * 4096) - 1;
/** Speech where the frame's number says so. */
const script = (speech: (number: number) => boolean) => async (frame: Float32Array) =>
  speech(numberOf(frame)) ? 1 : 0;

function soundOf(frames: Float32Array[]): Float32Array {
  return Float32Array.from(frames.flatMap((frame) => [...frame]));
}
const numbersIn = (audio: Buffer) =>
  Array.from(
    { length: audio.length / 2 / FRAME_SAMPLES },
    (_, at) => audio.readInt16LE(at * 2 * FRAME_SAMPLES) / 8 - 1,
  );
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

test('an utterance has 320 ms before it, 192 ms behind it and its pauses, and the next one repeats nothing', async () => {
  const speaks = (n: number) => (n >= 20 && n < 30) || (n >= 40 && n < 50) || (n >= 70 && n < 80);
  const found = await listenTo(soundOf(numbered(120)), { probability: script(speaks) });
  assert.deepEqual(
    found.map(({ audio }) => numbersIn(audio)),
    [range(10, 55), range(60, 85)],
  );
  const next = await listenTo(soundOf(numbered(50)), {
    probability: script((n) => n < 10 || (n >= 30 && n < 40)),
    settings: { redemptionMs: 480 },
  });
  assert.deepEqual(
    next.map(({ audio }) => numbersIn(audio)),
    [range(0, 15), range(20, 45)],
  );
});

test('an utterance that is cut for its length goes on in the next, without a gap', async () => {
  const found = await listenTo(soundOf(numbered(200)), { probability: async () => 1, settings: { maxMs: 1920 } });
  assert.deepEqual(
    found.flatMap(({ audio }) => numbersIn(audio)),
    range(0, 199),
  );
  assert.deepEqual(
    found.map(({ end }) => end.by),
    ['length', 'length', 'length', 'stop'],
  );
  assert.ok(found.every(({ end }) => end.silenceMs === 0));
});

test('a sound that is no speech is let go', async () => {
  const speaks = (n: number) => n === 5 || n === 40 || n >= 90;
  const found = await listenTo(soundOf(numbered(100)), { probability: script(speaks) });
  assert.deepEqual(
    found.map(({ audio }) => numbersIn(audio)),
    [range(80, 99)],
  );
});

test('frames that the model is too slow for are told once, and those that were taken are heard in order', async () => {
  const gate = Promise.withResolvers<void>();
  const seen: number[] = [];
  let overruns = 0;
  const last = Promise.withResolvers<void>();
  const listener = createListener({
    async probability(frame) {
      await gate.promise;
      seen.push(numberOf(frame));
      if (numberOf(frame) === 93) last.resolve();
      return 0;
    },
    onSpeech: () => assert.fail(),
    onFailed: assert.fail,
    onOverrun: () => void overruns++,
  });
  for (const frame of numbered(200)) listener.hear(frame);
  assert.equal(overruns, 1);
  gate.resolve();
  await last.promise;
  assert.deepEqual(seen, range(0, 93));
});

test('a model that fails ends the utterance and the listening, and says so', async () => {
  const failed = Promise.withResolvers<Error>();
  let utterance: Utterance | undefined;
  let asked = 0;
  const listener = createListener({
    async probability() {
      asked += 1;
      if (asked > 10) throw new Error('out of memory');
      return 1;
    },
    onSpeech(said) {
      utterance = said;
    },
    onFailed: failed.resolve,
  });
  for (const frame of numbered(12)) listener.hear(frame);
  const error = await failed.promise;
  assert.match(error.message, /can't be told from silence any more: out of memory/);
  assert.ok(utterance);
  await assert.rejects(utterance.chunks[Symbol.asyncIterator]().next(), error);
  await assert.rejects(utterance.ended, error);
  for (const frame of numbered(5)) listener.hear(frame);
  assert.equal(asked, 11);
});

test('the detector judges in order, forgets on reset, and refuses what it can not judge', async () => {
  const speech = await detector();
  const frames = framesOf(silence(0.2).map((_, at) => Math.sin(at / 9) / 3));
  const judge = () => Promise.all(frames.map((frame) => speech.probability(frame)));
  const first = await judge();
  assert.notDeepEqual(await judge(), first, 'what went before counts');
  speech.reset();
  assert.deepEqual(await judge(), first);
  assert.throws(() => speech.probability(new Float32Array(480)), /A frame has 480 samples.*512/);
});

test('samples keep their value through bytes, cut anywhere', () => {
  const sound = Float32Array.from({ length: 4 * FRAME_SAMPLES }, (_, at) => ((at * 7919) % 65_536) / 0x8000 - 1);
  assert.deepEqual(soundOf(framesOf(sound)), sound);
  assert.equal(pcmOf(sound).length, 8 * FRAME_SAMPLES);
});

test('samples that are no numbers are silence, for the model and for the end of what was said', async () => {
  const broken = [NaN, Infinity, -Infinity];
  const utterances: Utterance[] = [];
  const judged: number[] = [];
  const listener = createListener({
    async probability(frame) {
      judged.push(...frame);
      return 1;
    },
    onSpeech: (utterance) => utterances.push(utterance),
    onFailed: assert.fail,
  });
  for (let number = 0; number < 40; number += 1) {
    const frame = new Float32Array(FRAME_SAMPLES).fill(0.5);
    if (number === 10) frame.set(broken, 100);
    listener.hear(frame);
    await setImmediate();
  }
  listener.stop();
  assert.deepEqual([...new Set(judged)], [0.5, 0]);
  assert.equal((await utterances[0]?.ended)?.silenceMs, 0);
});
