import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resample } from '../../src/sandbox/resample.ts';
import { decodeWav, encodeWav } from '../../src/sandbox/wav.ts';

function tone(hz: number, rate: number, seconds = 0.5): Int16Array {
  return Int16Array.from(
    { length: rate * seconds },
    (_, index) => 10_000 * Math.sin((2 * Math.PI * hz * index) / rate),
  );
}

/** Root mean square of the difference in the middle, where no edge is near, relative to the tone's own. */
function difference(a: Int16Array, b: Int16Array): number {
  let sum = 0;
  const from = 500;
  const to = Math.min(a.length, b.length) - 500;
  for (let index = from; index < to; index++) sum += ((a[index] ?? 0) - (b[index] ?? 0)) ** 2;
  return Math.sqrt(sum / (to - from)) / (10_000 / Math.SQRT2);
}

test('a tone that both rates can hold comes through, whatever the ratio', () => {
  for (const [from, to] of [
    [16_000, 24_000],
    [24_000, 16_000],
    [44_100, 16_000],
    [48_000, 16_000],
    [8000, 16_000],
    [11_025, 16_000],
  ] as const) {
    const input = tone(1000, from);
    const { samples, rate } = resample({ samples: input, rate: from }, to);
    assert.equal(rate, to);
    assert.equal(samples.length, Math.floor((input.length * to) / from));
    assert.ok(difference(samples, tone(1000, to)) < 0.001, `${from} to ${to}: ${difference(samples, tone(1000, to))}`);
  }
});

test('a tone above the lower rate’s limit is gone, not folded down', () => {
  const { samples } = resample({ samples: tone(10_500, 48_000), rate: 48_000 }, 16_000);
  assert.ok(difference(samples, new Int16Array(samples.length)) < 0.001);
});

test('WAV reads back as written, with extra chunks, two channels and an open length', () => {
  const samples = tone(440, 16_000);
  const wav = encodeWav({ samples, rate: 16_000 });
  assert.deepEqual(decodeWav(wav), { samples, rate: 16_000 });

  const open = Buffer.from(wav);
  open.writeUInt32LE(0xffffffff, 40);
  assert.deepEqual(decodeWav(open)?.samples, samples);

  const list = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1');
  assert.deepEqual(decodeWav(Buffer.concat([wav.subarray(0, 36), list, wav.subarray(36)]))?.samples, samples);

  const stereo = Buffer.from(wav);
  stereo.writeUInt16LE(2, 22);
  assert.equal(decodeWav(stereo)?.samples.length, samples.length / 2);
});

test('what is not 16-bit PCM WAV, or is broken off, is no sound and no crash', () => {
  const wav = encodeWav({ samples: tone(440, 16_000), rate: 16_000 });
  const float = Buffer.from(wav);
  float.writeUInt16LE(3, 20);
  assert.equal(decodeWav(float), undefined);
  for (let length = 0; length < 44; length++) assert.equal(decodeWav(wav.subarray(0, length))?.samples.length ?? 0, 0);
});
