import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stageChart } from '../../src/client/talk/stages.ts';
import { joinWavs } from '../../src/client/talk/wav.ts';
import { wavFromPcm16, wavSeconds } from '../../src/edge/wav.ts';

test('bars are shares of the turn', () => {
  const stages = { transcribe: 500, context: 0.5, think: 250, speak: 0, store: 15.625, other: 233.875 };
  assert.deepEqual(stageChart({ total_ms: 1000, stages_ms: stages }), [
    `transcribe ${'█'.repeat(16)}${' '.repeat(16)}    500 ms`,
    `context    ▏${' '.repeat(31)}    0.5 ms`,
    `think      ${'█'.repeat(8)}${' '.repeat(24)}    250 ms`,
    `store      ▌${' '.repeat(31)}     16 ms`,
    `other      ${'█'.repeat(7)}▌${' '.repeat(24)}    234 ms`,
  ]);
});

test('sentences become one sound, whatever stands between their chunks', () => {
  const one = wavFromPcm16(Uint8Array.of(1, 0, 2, 0), 16_000);
  const two = wavFromPcm16(Uint8Array.of(3, 0), 16_000);
  const comment = Buffer.from('LIST\x03\x00\x00\x00abc\x00', 'latin1');
  const odd = Buffer.concat([two.subarray(0, 36), comment, two.subarray(36)]);
  const joined = joinWavs([one, odd]);
  assert.deepEqual(joined, Buffer.from(wavFromPcm16(Uint8Array.of(1, 0, 2, 0, 3, 0), 16_000)));
  assert.equal(wavSeconds(joined), 3 / 16_000);
  assert.throws(() => joinWavs([one, wavFromPcm16(two, 8_000)]), /differ in rate/);
  assert.throws(() => joinWavs([Buffer.from('ID3')]), /no WAV/);
  assert.throws(() => joinWavs([]), /no sound/);
});
