import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { createSpeech } from '../../src/adapters/speech.ts';
import { createWhisper, type WhisperOptions } from '../../src/adapters/whisper.ts';
import type { Speech } from '../../src/conversation/ports.ts';
import { Cancelled } from '../../src/errors.ts';
import type { FaultPlan } from '../../src/sandbox/faults.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { encodeWav } from '../../src/sandbox/wav.ts';
import { isError, nextRequest, patient, recordFetch, startServer } from './support.ts';

const RATE = 16_000;
const silence = (seconds: number): Speech => ({
  bytes: encodeWav({ samples: new Int16Array(RATE * seconds), rate: RATE }),
  format: 'wav',
  seconds,
});

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox();
});
afterEach(async () => {
  sandbox.faults.clear();
  await sandbox.calls.idle();
  sandbox.calls.reset();
});
after(() => sandbox.stop());

const whisper = (options: Partial<WhisperOptions> = {}) =>
  createWhisper({
    apiKey: 'test-key',
    baseUrl: sandbox.openaiBaseUrl,
    model: 'whisper-1',
    timeoutMs: 20_000,
    retries: 0,
    ...options,
  });

const totals = () => sandbox.calls.totals().transcriptions;

describe('a transcript', () => {
  it('has the words that were spoken and the seconds that are billed', async () => {
    const options = { apiKey: 'test-key', baseUrl: sandbox.openaiBaseUrl, timeoutMs: 20_000, retries: 0 };
    const voice = createSpeech({ ...options, model: 'tts-1', voice: 'alloy' });
    const { bytes } = await voice.synthesize('How does a computer remember numbers?', patient());
    const { text, seconds } = await whisper().transcribe({ bytes, format: 'wav' }, patient());
    assert.match(text, /computer/i);
    const spokenS = totals().audio_seconds;
    assert.ok(Math.abs(Number(seconds) - spokenS) < 0.01, `${seconds} s billed for ${spokenS} s`);
  });

  it('of silence is empty, and still has its seconds', async () => {
    assert.deepEqual(await whisper().transcribe(silence(2), patient()), { text: '', seconds: 2 });
  });

  it('is trimmed, and takes the real seconds before the rounded ones', async (t) => {
    const usage = { type: 'duration', seconds: 3 };
    const answers = [{ text: ' Hi. ', duration: 2.4, usage }, { text: ' Hi. ', usage }, { text: 'Hi.' }, {}];
    const baseUrl = await startServer(t, (_, res) => {
      res.setHeader('content-type', 'application/json').end(JSON.stringify(answers.shift()));
    });
    for (const seconds of [2.4, 3, 1]) {
      assert.deepEqual(await whisper({ baseUrl }).transcribe(silence(1), patient()), { text: 'Hi.', seconds });
    }
    const senseless = whisper({ baseUrl }).transcribe(silence(1), patient());
    await assert.rejects(senseless, isError('provider_unavailable', { status: 502 }));
  });

  it('comes from a second upload of the same bytes when the first fails', async () => {
    sandbox.faults.set({ transcriptions: { status: 500, times: 1 } });
    assert.deepEqual(await whisper({ retries: 1 }).transcribe(silence(1), patient()), { text: '', seconds: 1 });
    await sandbox.calls.idle();
    assert.deepEqual(totals().by_status, { 200: 1, 500: 1 });
  });
});

describe('a failure', () => {
  const cases: [string, FaultPlan['transcriptions'], ReturnType<typeof isError>][] = [
    ['400', { status: 400 }, isError('internal')],
    ['401', { status: 401 }, isError('provider_unavailable', { says: /OPENAI_API_KEY/ })],
    ['413', { status: 413 }, isError('bad_input', { status: 413 })],
    ['an exhausted quota', { code: 'insufficient_quota' }, isError('provider_unavailable', { says: /credit/ })],
    ['a long 429', { status: 429, retry_after_s: 60 }, isError('rate_limited', { retryAfterS: 60 })],
    ['stalled headers', { stall: 'headers' }, isError('timeout')],
    ['a stalled body', { stall: 'body' }, isError('timeout')],
  ];
  for (const [name, fault, expected] of cases) {
    it(`${name}: one attempt and its kind`, async () => {
      sandbox.faults.set({ transcriptions: fault });
      await assert.rejects(whisper({ retries: 2, timeoutMs: 300 }).transcribe(silence(1), patient()), expected);
      await sandbox.calls.idle();
      assert.equal(totals().calls, 1);
    });
  }

  const passing: [string, FaultPlan['transcriptions'], ReturnType<typeof isError>][] = [
    ['503', { status: 503 }, isError('provider_unavailable', { status: 503 })],
    ['a cut body', { cut: 'body' }, isError('provider_unavailable', { status: 502 })],
    ['a reset connection', { cut: 'headers' }, isError('provider_unavailable', { status: 502 })],
  ];
  for (const [name, fault, expected] of passing) {
    it(`${name}: two attempts and its kind`, async () => {
      sandbox.faults.set({ transcriptions: fault });
      await assert.rejects(whisper({ retries: 1 }).transcribe(silence(1), patient()), expected);
      await sandbox.calls.idle();
      assert.equal(totals().calls, 2);
    });
  }

  it('an unknown model names the variable', async () => {
    const unknown = whisper({ model: 'whisper-none' });
    await assert.rejects(
      unknown.transcribe(silence(1), patient()),
      isError('provider_unavailable', { says: /WHISPER_MODEL/ }),
    );
  });

  it('what is no audio, or too short for words, is told to the learner', async () => {
    const noise: Speech = { bytes: Buffer.from('not a recording at all'), format: 'mp3' };
    await assert.rejects(whisper().transcribe(noise, patient()), isError('bad_input', { status: 415 }));
    await assert.rejects(whisper().transcribe(silence(0.05), patient()), isError('bad_input', { status: 422 }));
  });
});

describe('an abort', () => {
  it('ends the call and throws the reason', async () => {
    sandbox.faults.set({ transcriptions: { latency_ms: 60_000 } });
    const turn = new AbortController();
    const reason = new Cancelled('disconnect');
    const asked = nextRequest();
    const transcript = whisper({ retries: 2 }).transcribe(silence(1), turn.signal);
    const rejected = assert.rejects(transcript, reason);
    await asked;
    turn.abort(reason);
    await rejected;
    await sandbox.calls.idle();
    assert.equal(totals().by_outcome.cancelled, 1);
    assert.equal(totals().calls, 1);
  });
});

describe('a probe', () => {
  it('asks for the free model list', async () => {
    await whisper().probe(patient());
    await sandbox.calls.idle();
    assert.equal(sandbox.calls.totals().models.by_status['200'], 1);
  });

  it('says what is wrong', async () => {
    sandbox.faults.set({ models: { status: 401 } });
    await assert.rejects(whisper().probe(patient()), isError('provider_unavailable', { says: /OPENAI_API_KEY/ }));
  });
});

describe('without a base URL', () => {
  it('the live API is asked, with the key and a file named after its format', async (t) => {
    delete process.env.OPENAI_BASE_URL;
    const requests = recordFetch(t);
    const live = whisper({ apiKey: 'sk-x', baseUrl: undefined });
    await assert.rejects(live.transcribe({ bytes: Buffer.from('…'), format: 'webm' }, patient()));
    assert.equal(requests.length, 1);
    const [request] = requests as [Request];
    assert.equal(request.url, 'https://api.openai.com/v1/audio/transcriptions');
    assert.equal(request.headers.get('authorization'), 'Bearer sk-x');
    const form = await request.formData();
    assert.equal((form.get('file') as File).name, 'speech.webm');
    assert.equal(form.get('model'), 'whisper-1');
    assert.equal(form.get('response_format'), 'verbose_json');
  });
});
