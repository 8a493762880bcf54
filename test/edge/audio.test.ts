import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identifyAudio } from '../../src/edge/audio.ts';
import { MAX_AUDIO_BYTES } from '../../src/edge/protocol.ts';
import { AppError } from '../../src/errors.ts';
import { bytesOf, flac, m4a, mp3, ogg, pcm, streamedWav, wav, webm } from './sounds.ts';

const identify = (bytes: Uint8Array, contentType?: string) =>
  identifyAudio(bytes, { contentType, maxSeconds: 60, component: 'http' });

async function refused(bytes: Uint8Array, status: number, message: RegExp, contentType?: string) {
  await assert.rejects(identify(bytes, contentType), (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.kind, 'bad_input');
    assert.equal(error.status, status);
    assert.match(error.message, message);
    return true;
  });
}

test('WAV is measured by its samples, also when its sizes are unknown', async () => {
  assert.deepEqual(await identify(wav(1.5)), { bytes: wav(1.5), format: 'wav', seconds: 1.5 });
  assert.equal((await identify(streamedWav(2, 0xffffffff))).seconds, 2);
  assert.equal((await identify(streamedWav(2, 0))).seconds, 2);
  const cut = wav(4).subarray(0, 44 + 32_000);
  assert.equal((await identify(cut)).seconds, 1, 'a cut file is as long as what is there');
});

test('every layer III sync word is MP3, with and without CRC, of MPEG 1, 2 and 2.5', async () => {
  for (const second of [0xfb, 0xfa, 0xf3, 0xf2, 0xe3, 0xe2]) {
    const { format } = await identify(bytesOf([0xff, second, 0x50, 0xc4], new Uint8Array(500)));
    assert.equal(format, 'mp3', `FF ${second.toString(16)}`);
  }
  assert.equal((await identify(bytesOf('ID3', [4, 0, 0, 0, 0, 0, 0], mp3(1)))).format, 'mp3');
});

test('what only looks like MP3 is refused: reserved version, other layers, bad rates, AAC', async () => {
  for (const head of [
    [0xff, 0xeb, 0x50],
    [0xff, 0xfd, 0x50],
    [0xff, 0xff, 0x50],
    [0xff, 0xf1, 0x50],
    [0xff, 0xfb, 0xf0],
    [0xff, 0xfb, 0x5c],
    [0xff, 0xfe, 0x41],
  ]) {
    await refused(bytesOf(head, new Uint8Array(500)), 415, /of no known kind/);
  }
});

test('the other containers are known by their first bytes, with their length where they tell it', async () => {
  const lengths = [
    ['mp3', mp3(2)],
    ['flac', flac(2)],
    ['ogg', ogg(2)],
    ['m4a', m4a(2)],
  ] as const;
  for (const [format, bytes] of lengths) {
    const speech = await identify(bytes, 'audio/whatever');
    assert.equal(speech.format, format);
    assert.ok(speech.seconds !== undefined && Math.abs(speech.seconds - 2) < 0.06, `${format}: ${speech.seconds} s`);
  }
  assert.deepEqual(await identify(webm), { bytes: webm, format: 'webm' });
});

test('raw samples become a WAV, when the type says that they are some', async () => {
  for (const type of ['audio/pcm', 'audio/pcm;rate=16000', 'Audio/L16; rate="16000"; channels=1']) {
    const speech = await identify(pcm(0.5), type);
    assert.deepEqual(speech, { bytes: wav(0.5), format: 'wav', seconds: 0.5 }, type);
  }
  assert.equal((await identify(pcm(0.5, 24_000), 'audio/pcm;rate=24000')).seconds, 0.5);
  const swapped = await identify(Uint8Array.of(1, 2, 3, 4), 'audio/l16;rate=16000;endianness=big-endian');
  assert.deepEqual([...swapped.bytes.subarray(44)], [2, 1, 4, 3]);
  const mp3Like = bytesOf([0xff, 0xfb, 0x90, 0xc4], new Uint8Array(400));
  assert.equal((await identify(mp3Like, 'audio/pcm')).format, 'wav', 'samples may look like anything');
  assert.deepEqual((await identify(wav(1), 'audio/pcm')).bytes, wav(1), 'a WAV stays a WAV');
});

test('each limit and each mistake has its own words', async () => {
  await refused(new Uint8Array(), 422, /empty/);
  await refused(wav(0), 422, /no samples/);
  await refused(new Uint8Array(MAX_AUDIO_BYTES + 1), 413, /26214401 bytes, and 26214400 \(25 MiB\)/);
  await refused(wav(60.5), 413, /60\.5 s long, and 60 s are allowed/);
  await refused(flac(61), 413, /61\.0 s long/);
  await refused(
    bytesOf('GIF89a', new Uint8Array(100)),
    415,
    /sent as image\/gif.*send WAV, MP3, OGG, WEBM, FLAC, M4A/,
    'image/gif',
  );
  await refused(bytesOf('RIFF', [4, 0, 0, 0], 'WAVE'), 422, /no fmt or data chunk/);
  await refused(pcm(1).subarray(1), 422, /31999 bytes, an odd number/, 'audio/pcm');
  await refused(pcm(1), 422, /rate="lots"/, 'audio/pcm;rate=lots');
  await refused(pcm(1), 422, /channels=2.*mono/, 'audio/pcm;channels=2');
  assert.equal((await identify(wav(60))).seconds, 60);
});

test('no beginning of a file and no noise makes it throw anything but a problem', async () => {
  for (const whole of [wav(0.01), mp3(0.1), flac(1), ogg(1), m4a(1), webm]) {
    for (let length = 1; length <= Math.min(whole.length, 120); length += 1) {
      await identify(whole.subarray(0, length)).catch((error) => assert.ok(error instanceof AppError));
    }
  }
});
