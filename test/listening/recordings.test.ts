import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loudness } from '../../src/listening/frames.ts';
import { SAMPLE_RATE, type SpeechDetector } from '../../src/listening/index.ts';
import { recordings } from '../support/recordings.ts';
import {
  detector,
  framesOf,
  join,
  listenTo,
  noisy,
  pcmOf,
  type Sound,
  seconds,
  silence,
  soundOf,
  voicedRange,
} from './support.ts';

let speech: SpeechDetector;
let spoken: Sound[];
before(async () => {
  speech = await detector();
  spoken = (await recordings()).map(({ bytes }) => soundOf(bytes));
});

/** All recordings with pauses between, and where in it each is voiced. */
function conversation(pause: number): { sound: Sound; voiced: [from: number, to: number][] } {
  const sounds = [silence(1)];
  const voiced: [number, number][] = [];
  for (const recording of spoken) {
    const at = join(...sounds).length;
    const [from, to] = voicedRange(recording);
    voiced.push([at + from, at + to]);
    sounds.push(recording, silence(pause));
  }
  return { sound: join(...sounds), voiced };
}

for (const [name, noise, latest, accuracyMs] of [
  ['in a quiet room', 0.0005, 0.8, 100],
  ['in a noisy room', 0.02, 0.9, 300],
] as const) {
  test(`five recordings are five utterances, none cut short, ${name}`, async () => {
    const { sound: clear, voiced } = conversation(1.5);
    const sound = noisy(clear, noise);
    speech.reset();
    const found = await listenTo(sound, speech);
    assert.equal(found.length, 5);
    const stream = pcmOf(sound);
    for (const [index, { startedAt, endedAt, end, audio, chunks }] of found.entries()) {
      const [from, to] = voiced[index] as [number, number];
      const at = stream.indexOf(audio) / 2;
      assert.ok(at >= 0, 'the utterance is one piece of what was heard, nothing lost and nothing twice');
      assert.ok(at <= from, `utterance ${index} begins ${seconds(at - from)} s behind its first sound`);
      assert.ok(at >= from - 0.5 * SAMPLE_RATE, `utterance ${index} begins ${seconds(from - at)} s too early`);
      const last = at + audio.length / 2;
      assert.ok(last >= to, `utterance ${index} ends ${seconds(to - last)} s before its last sound`);
      assert.ok(last <= to + 0.5 * SAMPLE_RATE, `${seconds(last - to)} s of silence were sent`);

      const [heard, told] = [seconds(startedAt - from), seconds(endedAt - to)];
      assert.ok(heard > 0.1 && heard < 0.45, `told ${heard} s after the first sound`);
      assert.ok(told > 0.5 && told < latest, `ended ${told} s after the last sound`);
      assert.ok(
        Math.abs(told * 1000 - end.silenceMs) < accuracyMs,
        `${end.silenceMs} ms of silence, ${told} s in truth`,
      );
      assert.equal(end.by, 'silence');
      assert.equal(end.audioMs, audio.length / 32);
      assert.ok(chunks.slice(0, -1).every(({ bytes }) => bytes.length === 3072));
      let place = at;
      for (const { bytes, heardAt } of chunks) {
        place += bytes.length / 2;
        const since = seconds(heardAt - Math.max(place, startedAt));
        assert.ok(since < 0.1 || heardAt === endedAt, `a chunk came ${since} s after it was spoken`);
      }
    }
  });
}

test('a pause for breath does not end an utterance, and stays in it', async () => {
  const [first, second] = spoken.map((recording) => recording.subarray(...voicedRange(recording))) as [Sound, Sound];
  const sound = noisy(join(silence(1), first, silence(0.25), second, silence(1)), 0.0005);
  speech.reset();
  const found = await listenTo(sound, speech);
  assert.equal(found.length, 1);
  assert.ok(pcmOf(sound).includes(found[0]?.audio ?? 'nothing'));
  assert.ok((found[0]?.audio.length ?? 0) / 2 > first.length + second.length);
});

test('clicks, silence and noise are no speech', async () => {
  const click = (loudness: number, length: number) =>
    join(noisy(silence(length), loudness), silence(1)).map((sample, at) => sample * Math.exp(-at / 400));
  const clicks = [0.05, 0.3, 0.9].flatMap((loudness) => [0.001, 0.02, 0.1].map((length) => click(loudness, length)));
  for (const sound of [
    silence(5),
    ...[0.001, 0.02, 0.2].map((loudness) => noisy(silence(5), loudness)),
    join(...clicks),
  ]) {
    speech.reset();
    assert.deepEqual(await listenTo(sound, speech), []);
  }
});

test('voices are told from a noise that is nearly as loud', async () => {
  let voiced = 0;
  let heard = 0;
  for (const recording of spoken) {
    const loud = framesOf(recording).map(loudness);
    speech.reset();
    for (const [index, frame] of framesOf(noisy(recording, 0.05)).entries()) {
      const probability = await speech.probability(frame);
      if ((loud[index] ?? 0) < Math.max(...loud) / 10) continue;
      voiced += 1;
      heard += probability >= 0.5 ? 1 : 0;
    }
  }
  assert.ok(heard / voiced > 0.9, `${heard} of ${voiced} voiced frames`);
});
