import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { createFaults, type Fault } from '../../src/sandbox/faults.ts';
import { ask, deaf, recordings, wavFile, withSandbox } from './support.ts';

const quiet = { recognizer: deaf };
/** What the sandbox's own routes answer, as far as the tests look at it. */
interface Answer {
  service?: string;
  error?: { message: string };
  endpoints?: Record<string, { calls: number; by_status: Record<string, number> }>;
}
type ErrorClass = abstract new (...args: never[]) => Error;

test('Claude’s error statuses reach the SDK as its own classes', async (t) => {
  const { claude, sandbox } = await withSandbox(t, quiet);
  const table: [Fault, ErrorClass, string][] = [
    [{ status: 400 }, Anthropic.BadRequestError, 'invalid_request_error'],
    [{ status: 401 }, Anthropic.AuthenticationError, 'authentication_error'],
    [{ status: 403 }, Anthropic.PermissionDeniedError, 'permission_error'],
    [{ status: 404 }, Anthropic.NotFoundError, 'not_found_error'],
    [{ status: 429, retry_after_s: 7 }, Anthropic.RateLimitError, 'rate_limit_error'],
    [{ status: 500 }, Anthropic.InternalServerError, 'api_error'],
    [{ status: 529 }, Anthropic.OverloadedError, 'overloaded_error'],
  ];
  for (const [fault, kind, type] of table) {
    sandbox.faults.set({ messages: fault });
    for (const call of [claude.messages.create(ask('hello')), claude.messages.stream(ask('hello')).finalMessage()]) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof kind, `${fault.status} gave ${error}`);
        assert.ok(error instanceof Anthropic.APIError);
        assert.equal(error.type, type);
        assert.equal(error.headers?.get('retry-after'), fault.retry_after_s?.toString() ?? null);
        return true;
      });
    }
  }
  const { by_status, by_outcome } = sandbox.calls.totals().messages;
  assert.deepEqual(by_status, { 400: 2, 401: 2, 403: 2, 404: 2, 429: 2, 500: 2, 529: 2 });
  assert.equal(by_outcome.error, 14);
});

test('OpenAI’s error statuses reach the SDK as its own classes', async (t) => {
  const { openai, sandbox } = await withSandbox(t, quiet);
  const [recording] = recordings();
  const wav = recording?.wav ?? Buffer.alloc(0);
  const transcribe = async () => openai.audio.transcriptions.create({ model: 'whisper-1', file: await wavFile(wav) });
  const speak = () =>
    openai.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hi', response_format: 'pcm' });
  const table: [Fault, ErrorClass, string | null, string][] = [
    [{ status: 400 }, OpenAI.BadRequestError, null, 'invalid_request_error'],
    [{ status: 401 }, OpenAI.AuthenticationError, 'invalid_api_key', 'invalid_request_error'],
    [{ status: 429, retry_after_s: 3 }, OpenAI.RateLimitError, 'rate_limit_exceeded', 'requests'],
    [{ code: 'insufficient_quota' }, OpenAI.RateLimitError, 'insufficient_quota', 'insufficient_quota'],
    [{ status: 500 }, OpenAI.InternalServerError, null, 'server_error'],
    [{ status: 503 }, OpenAI.InternalServerError, null, 'server_error'],
  ];
  for (const [fault, kind, code, type] of table) {
    sandbox.faults.set({ transcriptions: fault, speech: fault, models: fault });
    for (const call of [transcribe, speak, () => openai.models.list()]) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof kind && error instanceof OpenAI.APIError, `${fault.status} gave ${error}`);
        assert.deepEqual([error.code, error.type], [code, type]);
        assert.equal(error.headers?.get('retry-after'), fault.retry_after_s?.toString() ?? null);
        assert.match(error.requestID ?? '', /^req_/);
        return true;
      });
    }
  }
});

test('a stall before the headers is a time-out, and the ledger has it as cancelled', async (t) => {
  const { claude, openai, sandbox } = await withSandbox(t, quiet);
  sandbox.faults.set({ messages: { stall: 'headers' }, models: { stall: 'headers' } });
  const limit = { timeout: 500 };
  await Promise.all([
    assert.rejects(claude.messages.create(ask('hello'), limit), Anthropic.APIConnectionTimeoutError),
    assert.rejects(claude.messages.stream(ask('hello'), limit).finalMessage(), Anthropic.APIConnectionTimeoutError),
    assert.rejects(openai.models.list(limit), OpenAI.APIConnectionTimeoutError),
  ]);
  await sandbox.calls.idle();
  const { messages, models } = sandbox.calls.totals();
  assert.deepEqual([messages.by_status, messages.by_outcome.cancelled], [{ none: 2 }, 2]);
  assert.equal(models.by_outcome.cancelled, 1);
});

test('a connection cut before the headers is a connection error', async (t) => {
  const { claude, openai, sandbox } = await withSandbox(t, quiet);
  sandbox.faults.set({ messages: { cut: 'headers' }, models: { cut: 'headers' } });
  await assert.rejects(claude.messages.create(ask('hello')), Anthropic.APIConnectionError);
  await assert.rejects(openai.models.list(), OpenAI.APIConnectionError);
  await sandbox.calls.idle();
  assert.equal(sandbox.calls.totals().messages.by_outcome.broken, 1);
});

test('a stream can be cut, stalled, or ended by an error after so many words', async (t) => {
  const { claude, sandbox } = await withSandbox(t, quiet);
  const listen = (fault: Fault) => {
    sandbox.faults.set({ messages: { after_deltas: 4, ...fault } });
    const stream = claude.messages.stream(ask('What is recursion?'));
    let pieces = 0;
    stream.on('text', () => {
      pieces += 1;
      if (fault.stall && pieces === 4) stream.abort();
    });
    return { done: stream.finalMessage(), pieces: () => pieces };
  };
  const cut = listen({ cut: 'body' });
  await assert.rejects(
    cut.done,
    (error) => error instanceof Anthropic.AnthropicError && !(error instanceof Anthropic.APIUserAbortError),
  );
  assert.equal(cut.pieces(), 4);

  const failed = listen({ stream_error: 'overloaded_error' });
  await assert.rejects(
    failed.done,
    (error) => error instanceof Anthropic.APIError && error.type === 'overloaded_error',
  );
  assert.equal(failed.pieces(), 4);

  const stalled = listen({ stall: 'body' });
  await assert.rejects(stalled.done, Anthropic.APIUserAbortError);
  await sandbox.calls.idle();
  const { by_status, by_outcome, output_tokens } = sandbox.calls.totals().messages;
  assert.deepEqual(by_status, { 200: 3 });
  assert.deepEqual(by_outcome, { ok: 0, error: 0, cancelled: 1, broken: 2 });
  assert.ok(output_tokens > 0);
});

test('a transcript and a spoken answer can be cut half-way', async (t) => {
  const { openai, sandbox } = await withSandbox(t, quiet);
  sandbox.faults.set({ transcriptions: { cut: 'body' }, speech: { cut: 'body' } });
  const [recording] = recordings();
  const file = await wavFile(recording?.wav ?? Buffer.alloc(0));
  await assert.rejects(openai.audio.transcriptions.create({ model: 'whisper-1', file }));
  const speech = await openai.audio.speech.create({
    model: 'tts-1',
    voice: 'alloy',
    input: 'Hello there.',
    response_format: 'pcm',
  });
  await assert.rejects(speech.arrayBuffer());
});

test('faults hit the share and the number of calls that they are set to, and the same ones for a seed', () => {
  const hits = (seed: number) => {
    const faults = createFaults({ seed, messages: { status: 500, share: 0.3 } });
    return Array.from({ length: 2000 }, () => faults.draw('messages').status === 500);
  };
  const count = hits(7).filter(Boolean).length;
  assert.ok(count > 500 && count < 700, `${count} of 2000`);
  assert.deepEqual(hits(7), hits(7));
  assert.notDeepEqual(hits(7), hits(8));

  const faults = createFaults({
    speech: [
      { status: 500, times: 2 },
      { status: 429, latency_ms: 5 },
    ],
  });
  const drawn = Array.from({ length: 3 }, () => faults.draw('speech'));
  assert.deepEqual(
    drawn.map(({ status, latency_ms }) => [status, latency_ms]),
    [
      [500, 5],
      [500, 5],
      [429, 5],
    ],
  );
  assert.deepEqual(faults.current(), { speech: [{ status: 429, latency_ms: 5 }] });
  assert.deepEqual(faults.draw('models'), {});
});

test('the model that a response claims can be a strange one', async (t) => {
  const { claude, sandbox } = await withSandbox(t, {
    ...quiet,
    faults: { messages: { model: 'claude-strange-1', times: 1 } },
  });
  assert.equal((await claude.messages.stream(ask('hello')).finalMessage()).model, 'claude-strange-1');
  assert.equal((await claude.messages.create(ask('hello'))).model, 'claude-haiku-4-5');
  assert.deepEqual(Object.keys(sandbox.calls.byModel()), ['claude-strange-1', 'claude-haiku-4-5']);
});

test('faults and the ledger are worked over HTTP', async (t) => {
  const { claude, sandbox } = await withSandbox(t, quiet);
  const control = async (method: string, path: string, body?: unknown): Promise<[number, Answer]> => {
    const response = await fetch(`${sandbox.anthropicBaseUrl}${path}`, {
      method,
      body: body ? JSON.stringify(body) : null,
    });
    return [response.status, (await response.json()) as Answer];
  };
  const plan = { messages: [{ status: 529, times: 1 }] };
  assert.deepEqual(await control('PUT', '/sandbox/faults', { messages: { status: 529, times: 1 } }), [200, plan]);
  assert.deepEqual(await control('GET', '/sandbox/faults'), [200, plan]);
  await assert.rejects(claude.messages.create(ask('hello')), Anthropic.OverloadedError);
  await claude.messages.create(ask('hello'));

  const [, ledger] = await control('GET', '/sandbox/calls');
  assert.deepEqual(ledger.endpoints?.messages?.by_status, { 200: 1, 529: 1 });
  const [, emptied] = await control('DELETE', '/sandbox/calls');
  assert.equal(emptied.endpoints?.messages?.calls, 0);

  const [status, refusal] = await control('PUT', '/sandbox/faults', { messages: { status: 200 }, nobody: {} });
  assert.equal(status, 400);
  assert.match(refusal.error?.message ?? '', /nobody[\s\S]*messages\.status|messages\.status[\s\S]*nobody/);
  await control('PUT', '/sandbox/faults', { speech: { status: 500 } });
  assert.deepEqual(await control('DELETE', '/sandbox/faults'), [200, {}]);
  assert.equal((await control('GET', '/sandbox/nothing'))[0], 404);
  assert.equal((await control('GET', '/'))[1].service, 'sandbox');
});
