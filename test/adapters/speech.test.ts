import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { createSpeech, type SpeechOptions } from '../../src/adapters/speech.ts';
import { Cancelled } from '../../src/errors.ts';
import type { FaultPlan } from '../../src/sandbox/faults.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { decodeWav, encodeWav } from '../../src/sandbox/wav.ts';
import { isError, nextRequest, patient, recordFetch, startServer } from './support.ts';

const SENTENCE = 'Recursion is a function that calls itself.';

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

const speech = (options: Partial<SpeechOptions> = {}) =>
  createSpeech({
    apiKey: 'test-key',
    baseUrl: sandbox.openaiBaseUrl,
    model: 'tts-1',
    voice: 'alloy',
    timeoutMs: 10_000,
    retries: 0,
    ...options,
  });

const totals = () => sandbox.calls.totals().speech;

describe('a sentence', () => {
  it('comes back as a WAV of the seconds that were spoken', async () => {
    const { bytes, format } = await speech().synthesize(SENTENCE, patient());
    assert.equal(format, 'wav');
    const pcm = decodeWav(Buffer.from(bytes));
    assert.ok(pcm, 'it is a WAV');
    assert.ok(pcm.samples.some((sample) => sample !== 0));
    assert.equal(pcm.samples.length / pcm.rate, totals().audio_seconds);
    assert.equal(totals().characters, SENTENCE.length);
  });

  it('has its true size in the header, also where the service left it open', async (t) => {
    const wav = encodeWav({ samples: new Int16Array(2400).fill(7), rate: 24_000 });
    const open = Buffer.from(wav);
    open.writeUInt32LE(0xffffffff, 4);
    open.writeUInt32LE(0xffffffff, 40);
    const baseUrl = await startServer(t, (_, res) => res.setHeader('content-type', 'audio/wav').end(open));
    const { bytes } = await speech({ baseUrl }).synthesize(SENTENCE, patient());
    assert.deepEqual(Buffer.from(bytes), wav);
  });

  it('that is no sound is a failure, not an answer', async (t) => {
    const baseUrl = await startServer(t, (_, res) => res.end('no sound'));
    await assert.rejects(
      speech({ baseUrl }).synthesize(SENTENCE, patient()),
      isError('provider_unavailable', { status: 502 }),
    );
  });
});

describe('a failure', () => {
  const cases: [string, FaultPlan['speech'], ReturnType<typeof isError>][] = [
    ['400', { status: 400 }, isError('internal')],
    ['401', { status: 401 }, isError('provider_unavailable', { says: /OPENAI_API_KEY/ })],
    ['an exhausted quota', { code: 'insufficient_quota' }, isError('provider_unavailable', { says: /credit/ })],
    ['a long 429', { status: 429, retry_after_s: 60 }, isError('rate_limited', { retryAfterS: 60 })],
    ['stalled headers', { stall: 'headers' }, isError('timeout')],
    ['a stalled body', { stall: 'body' }, isError('timeout')],
  ];
  for (const [name, fault, expected] of cases) {
    it(`${name}: one attempt and its kind`, async () => {
      sandbox.faults.set({ speech: fault });
      await assert.rejects(speech({ retries: 2, timeoutMs: 500 }).synthesize(SENTENCE, patient()), expected);
      await sandbox.calls.idle();
      assert.equal(totals().calls, 1);
    });
  }

  it('that passes is got over by a second attempt', async () => {
    for (const fault of [{ status: 500 }, { cut: 'headers' }, { cut: 'body' }] as const) {
      sandbox.faults.set({ speech: { ...fault, times: 1 } });
      const { bytes } = await speech({ retries: 1 }).synthesize(SENTENCE, patient());
      assert.ok(decodeWav(Buffer.from(bytes)));
    }
    await sandbox.calls.idle();
    assert.equal(totals().calls, 6);
  });
});

describe('an abort', () => {
  it('ends the call and throws the reason, before the sound and in the middle of it', async () => {
    for (const fault of [{ latency_ms: 60_000 }, { stall: 'body' }] as const) {
      sandbox.faults.set({ speech: fault });
      const turn = new AbortController();
      const reason = new Cancelled('interrupt');
      const asked = nextRequest();
      const rejected = assert.rejects(speech().synthesize(SENTENCE, turn.signal), reason);
      await asked;
      turn.abort(reason);
      await rejected;
    }
    await sandbox.calls.idle();
    assert.equal(totals().by_outcome.cancelled, 2);
  });
});

describe('without a base URL', () => {
  it('the live API is asked for a WAV, with the key', async (t) => {
    delete process.env.OPENAI_BASE_URL;
    const requests = recordFetch(t);
    await assert.rejects(speech({ apiKey: 'sk-x', baseUrl: undefined }).synthesize(SENTENCE, patient()));
    assert.equal(requests.length, 1);
    const [request] = requests as [Request];
    assert.equal(request.url, 'https://api.openai.com/v1/audio/speech');
    assert.equal(request.headers.get('authorization'), 'Bearer sk-x');
    assert.deepEqual(await request.json(), {
      model: 'tts-1',
      voice: 'alloy',
      input: SENTENCE,
      response_format: 'wav',
    });
  });
});
