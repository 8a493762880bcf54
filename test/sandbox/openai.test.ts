import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { toFile } from 'openai';
import { decodeWav, encodeWav } from '../../src/sandbox/wav.ts';
import { deaf, recordings, wavFile, withSandbox, wordErrors } from './support.ts';

/** Measured 0.28 on these recordings; a recogniser that is fed wrongly makes 0.6 and more. */
const MAX_WORD_ERROR_RATE = 0.32;

test('real recordings are transcribed, the first again to the same text, with durations and words in time', async (t) => {
  const { openai, sandbox } = await withSandbox(t);
  const texts: string[] = [];
  let errors = 0;
  let words = 0;
  let seconds = 0;
  for (const { wav, transcript } of recordings()) {
    const request = {
      model: 'whisper-1',
      response_format: 'verbose_json' as const,
      timestamp_granularities: ['word' as const],
    };
    const first = await openai.audio.transcriptions.create({ ...request, file: await wavFile(wav) });
    texts.push(first.text);
    errors += wordErrors(transcript, first.text);
    words += transcript.split(' ').length;

    const pcm = decodeWav(wav);
    const duration = (pcm?.samples.length ?? 0) / 16_000;
    seconds += duration;
    assert.equal(first.duration, duration);
    assert.deepEqual(first.usage, { type: 'duration', seconds: Math.ceil(duration) });
    assert.equal(first.language, 'english');
    assert.equal(first.segments?.[0]?.text.trim(), first.text);
    const times = first.words?.flatMap(({ start, end }) => [start, end]) ?? [];
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.ok((times.at(-1) ?? Number.POSITIVE_INFINITY) <= duration);
  }
  assert.ok(errors / words <= MAX_WORD_ERROR_RATE, `word error rate ${errors / words}`);
  assert.ok(Math.abs(sandbox.calls.totals().transcriptions.audio_seconds - seconds) < 1e-9);

  const file = await wavFile(recordings()[0]?.wav ?? Buffer.alloc(0));
  const again = await openai.audio.transcriptions.create({ model: 'whisper-1', file });
  assert.equal(again.text, texts[0]);
});

test('what is spoken is understood, in every voice that differs', async (t) => {
  const { openai, sandbox } = await withSandbox(t);
  const sentence = 'Tell me about the Roman Empire.';
  for (const voice of ['alloy', 'echo', 'fable', 'onyx']) {
    const speech = await openai.audio.speech.create({ model: 'tts-1', voice, input: sentence, response_format: 'wav' });
    assert.equal(speech.headers.get('content-type'), 'audio/wav');
    const wav = Buffer.from(await speech.arrayBuffer());
    assert.equal(decodeWav(wav)?.rate, 24_000);
    const { text } = await openai.audio.transcriptions.create({ model: 'whisper-1', file: await wavFile(wav) });
    assert.equal(text, 'Tell me about the roman empire', voice);
  }
  assert.equal(sandbox.calls.totals().speech.characters, 4 * sentence.length);
});

test('pcm is the same sound without its header, and speed changes its length', async (t) => {
  const { openai } = await withSandbox(t, { recognizer: deaf });
  const speak = async (response_format: 'wav' | 'pcm', speed = 1) => {
    const speech = await openai.audio.speech.create({
      model: 'tts-1',
      voice: 'alloy',
      input: 'One two three.',
      response_format,
      speed,
    });
    return Buffer.from(await speech.arrayBuffer());
  };
  const pcm = await speak('pcm');
  assert.deepEqual((await speak('wav')).subarray(44), pcm);
  assert.ok((await speak('pcm', 2)).length < 0.7 * pcm.length);
});

test('text without a speakable word, and text that looks like an option, are spoken harmlessly', async (t) => {
  const { openai } = await withSandbox(t, { recognizer: deaf });
  const sound = async (input: string) => {
    const speech = await openai.audio.speech.create({ model: 'tts-1', voice: 'alloy', input, response_format: 'pcm' });
    return Buffer.from(await speech.arrayBuffer());
  };
  assert.deepEqual(await sound('naïve café — “déjà vu” 🎉'), await sound('naive cafe, "deja vu"'));
  for (const input of ['🎉', '…', '-o /dev/null', '$(false) `false`; "quoted"']) {
    assert.ok((await sound(input)).length > 0, input);
  }
});

test('silence and clicks are empty text, and are billed', async (t) => {
  const { openai, sandbox } = await withSandbox(t, { recognizer: deaf });
  const hiss = Int16Array.from({ length: 32_000 }, (_, index) => ((index * 7919) % 200) - 100);
  hiss.fill(20_000, 8000, 8400);
  for (const samples of [new Int16Array(32_000), hiss]) {
    const file = await wavFile(encodeWav({ samples, rate: 16_000 }));
    const heard = await openai.audio.transcriptions.create({
      model: 'whisper-1',
      file,
      response_format: 'verbose_json',
    });
    assert.equal(heard.text, '');
    assert.deepEqual(heard.segments, []);
  }
  assert.equal(sandbox.calls.totals().transcriptions.audio_seconds, 4);
});

test('each response format is what the SDK expects of it', async (t) => {
  const { openai } = await withSandbox(t, { recognizer: deaf });
  const [{ wav } = { wav: Buffer.alloc(0) }] = recordings();
  const transcribe = async (model: string, format: 'json' | 'text' | 'verbose_json') =>
    openai.audio.transcriptions.create({ model, response_format: format, file: await wavFile(wav) } as {
      model: string;
      file: File;
    });
  assert.deepEqual(await transcribe('whisper-1', 'json'), { text: 'Heard', usage: { type: 'duration', seconds: 8 } });
  assert.equal(await transcribe('whisper-1', 'text'), 'Heard\n');
  const { usage } = await transcribe('gpt-4o-transcribe', 'json');
  assert.equal(usage?.type, 'tokens');
  await assert.rejects(transcribe('gpt-4o-transcribe', 'verbose_json'), OpenAI.BadRequestError);
});

test('invalid requests are refused as the provider refuses them', async (t) => {
  const { openai } = await withSandbox(t, { recognizer: deaf, ffmpeg: '/nonexistent/ffmpeg' });
  const second = encodeWav({ samples: new Int16Array(16_000), rate: 16_000 });
  const transcribe = async (change: object) =>
    openai.audio.transcriptions.create({ model: 'whisper-1', file: await wavFile(second), ...change });
  const speak = (change: object) =>
    openai.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hi', response_format: 'wav', ...change });
  const short = await wavFile(encodeWav({ samples: new Int16Array(800), rate: 16_000 }));
  const table: [() => Promise<unknown>, number, RegExp, string | null][] = [
    [
      async () => transcribe({ file: await toFile(Buffer.from('ID3 not sound'), 'a.mp3') }),
      400,
      /Invalid file format.*without ffmpeg/,
      null,
    ],
    [() => transcribe({ file: short }), 400, /too short/, 'audio_too_short'],
    [() => transcribe({ file: undefined }), 400, /file is required/, null],
    [() => transcribe({ model: 'whisper-9' }), 404, /does not exist/, 'model_not_found'],
    [() => transcribe({ language: 'de' }), 400, /English/, null],
    [() => transcribe({ response_format: 'srt' }), 400, /'srt' is not compatible/, 'unsupported_value'],
    [() => speak({ input: '' }), 400, /input/, null],
    [() => speak({ input: 'x'.repeat(4097) }), 400, /4097 characters/, 'string_above_max_length'],
    [() => speak({ voice: 'nobody' }), 400, /voice: 'nobody' is none of alloy/, null],
    [() => speak({ speed: 9 }), 400, /speed/, null],
    [() => speak({ response_format: 'mp3' }), 400, /speaks 'wav' and 'pcm', not 'mp3'/, null],
    [() => speak({ model: 'tts-9' }), 404, /does not exist/, 'model_not_found'],
    [() => openai.models.retrieve('nothing'), 404, /does not exist/, 'model_not_found'],
    [() => openai.get('/nothing'), 404, /Invalid URL \(GET \/v1\/nothing\)/, null],
  ];
  for (const [call, status, message, code] of table) {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof OpenAI.APIError);
      assert.equal(error.status, status);
      assert.match(error.message, message);
      assert.equal(error.code, code);
      assert.equal(error.type, 'invalid_request_error');
      return true;
    });
  }
});

test('a file over 25 MiB is a 413', async (t) => {
  const { openai } = await withSandbox(t, { recognizer: deaf });
  const file = await wavFile(Buffer.alloc(25 * 2 ** 20 + 1));
  await assert.rejects(openai.audio.transcriptions.create({ model: 'whisper-1', file }), (error) => {
    assert.ok(error instanceof OpenAI.APIError);
    assert.equal(error.status, 413);
    return true;
  });
});

test('a key is demanded, and the model list is the sandbox’s', async (t) => {
  const { sandbox, openai } = await withSandbox(t, { recognizer: deaf });
  const bare = await fetch(`${sandbox.openaiBaseUrl}/models`);
  assert.equal(bare.status, 401);
  assert.equal(((await bare.json()) as { error: { code: string } }).error.code, 'invalid_api_key');
  const { data } = await openai.models.list();
  assert.ok(data.some(({ id }) => id === 'whisper-1'));
  assert.ok(data.every(({ owned_by }) => owned_by === 'sandbox'));
});
