import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClaudeOptions, createClaude } from '../../src/adapters/claude.ts';
import type { Prompt, ReplyPart } from '../../src/conversation/ports.ts';
import { Cancelled } from '../../src/errors.ts';
import type { FaultPlan } from '../../src/sandbox/faults.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { isError, listen, logTo, nextRequest, patient, recordFetch, startServer } from './support.ts';

const PROMPT: Prompt = {
  system: 'You are a personal learning companion. Answer in two or three sentences.',
  messages: [{ role: 'user', content: 'Can you explain recursion with an example?' }],
};

const counts = { input_tokens: 7, output_tokens: 1, cache_read_input_tokens: 90, cache_creation_input_tokens: 3 };
const START = {
  type: 'message_start',
  message: { id: 'msg_1', role: 'assistant', model: 'm', content: [], usage: counts },
};
const DELTA = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Recursion is' } };
const sends = (events: { type: string }[]) => (_: IncomingMessage, res: ServerResponse) => {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
};

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox({ cacheMinTokens: 10 });
});
afterEach(async () => {
  sandbox.faults.clear();
  await sandbox.calls.idle();
  sandbox.calls.reset();
});
after(() => sandbox.stop());

const claude = (options: Partial<ClaudeOptions> = {}) =>
  createClaude({
    apiKey: 'test-key',
    baseUrl: sandbox.anthropicBaseUrl,
    model: 'claude-haiku-4-5',
    maxTokens: 300,
    timeoutMs: 5_000,
    retries: 0,
    ...options,
  });

const totals = () => sandbox.calls.totals().messages;

describe('a reply', () => {
  it('streams its words, then what it cost, as the provider counts it', async () => {
    const heard = await listen(claude().respond(PROMPT, patient()));
    assert.equal(heard.thrown, undefined);
    assert.match(heard.text, /recursion/i);
    assert.match(heard.order, /^t{5,}u$/);
    assert.equal(heard.model, 'claude-haiku-4-5');
    await sandbox.calls.idle();
    const billed = totals();
    assert.deepEqual(heard.usage, {
      input: billed.input_tokens,
      output: billed.output_tokens,
      cacheRead: billed.cache_read_input_tokens,
      cacheWrite: billed.cache_creation_input_tokens,
      estimated: false,
    });
  });

  it('names the model that answered, not the one that was asked', async () => {
    sandbox.faults.set({ messages: { model: 'claude-haiku-4-5-20251001' } });
    const heard = await listen(claude().respond(PROMPT, patient()));
    assert.equal(heard.model, 'claude-haiku-4-5-20251001');
  });

  it('reads a system prompt from the cache that an earlier reply wrote', async () => {
    const prompt = {
      ...PROMPT,
      system: `${PROMPT.system} Be kind, be brief, and tie what is new to what came before.`,
    };
    const first = await listen(claude().respond(prompt, patient()));
    const second = await listen(claude().respond(prompt, patient()));
    assert.ok(first.usage && first.usage.cacheWrite > 0);
    assert.equal(first.usage.cacheRead, 0);
    assert.equal(second.usage?.cacheWrite, 0);
    assert.equal(second.usage?.cacheRead, first.usage.cacheWrite);
    assert.equal(second.usage?.input, first.usage.input);
  });

  it('is whole only with message_stop, even if the connection ends in good order', async (t) => {
    const baseUrl = await startServer(t, sends([START, DELTA]));
    const heard = await listen(claude({ baseUrl }).respond(PROMPT, patient()));
    assert.equal(heard.order, 'tu');
    assert.deepEqual(heard.usage, { input: 7, output: 4, cacheRead: 90, cacheWrite: 3, estimated: true });
    assert.ok(isError('provider_unavailable', { status: 502 })(heard.thrown));
  });

  it('keeps the counts of its start where its end has none', async (t) => {
    const end = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } };
    const baseUrl = await startServer(t, sends([START, DELTA, end, { type: 'message_stop' }]));
    const heard = await listen(claude({ baseUrl }).respond(PROMPT, patient()));
    assert.equal(heard.thrown, undefined);
    assert.deepEqual(heard.usage, { input: 7, output: 5, cacheRead: 90, cacheWrite: 3, estimated: false });
  });
});

describe('a failure before the first word', () => {
  const cases: [string, FaultPlan['messages'], ReturnType<typeof isError>][] = [
    ['400', { status: 400 }, isError('internal')],
    ['401', { status: 401 }, isError('provider_unavailable', { status: 502, says: /ANTHROPIC_API_KEY/ })],
    ['403', { status: 403 }, isError('provider_unavailable', { says: /ANTHROPIC_API_KEY/ })],
    ['413', { status: 413 }, isError('bad_input', { status: 413 })],
    ['no credit', { code: 'insufficient_quota' }, isError('provider_unavailable', { says: /credit/ })],
    ['a long 429', { status: 429, retry_after_s: 29.5 }, isError('rate_limited', { retryAfterS: 30 })],
    ['stalled headers', { stall: 'headers' }, isError('timeout')],
  ];
  for (const [name, fault, expected] of cases) {
    it(`${name}: one attempt, its kind, and nothing billed`, async () => {
      sandbox.faults.set({ messages: fault });
      const heard = await listen(claude({ retries: 2, timeoutMs: 1_000 }).respond(PROMPT, patient()));
      assert.ok(expected(heard.thrown));
      assert.equal(heard.order, '');
      await sandbox.calls.idle();
      assert.equal(totals().calls, 1);
    });
  }

  const passing: [string, FaultPlan['messages'], ReturnType<typeof isError>][] = [
    ['500', { status: 500 }, isError('provider_unavailable', { status: 503 })],
    ['529', { status: 529 }, isError('provider_unavailable', { status: 503 })],
    ['a short 429', { status: 429, retry_after_s: 0.01 }, isError('rate_limited', { retryAfterS: 1 })],
    ['a reset connection', { cut: 'headers' }, isError('provider_unavailable', { status: 502 })],
  ];
  for (const [name, fault, expected] of passing) {
    it(`${name}: answered by the second attempt, an error when that fails too`, async () => {
      sandbox.faults.set({ messages: { ...fault, times: 1 } });
      const answered = await listen(claude({ retries: 1 }).respond(PROMPT, patient()));
      assert.equal(answered.thrown, undefined);
      assert.match(answered.order, /^t+u$/);

      sandbox.faults.set({ messages: fault });
      const failed = await listen(claude({ retries: 1 }).respond(PROMPT, patient()));
      assert.ok(expected(failed.thrown));
      await sandbox.calls.idle();
      assert.equal(totals().calls, 4);
    });
  }

  it('waits as long as the provider asks, and logs the retry without words', async () => {
    sandbox.faults.set({ messages: { status: 429, retry_after_s: 1, times: 1 } });
    const lines: Record<string, unknown>[] = [];
    const heard = await listen(
      claude({ retries: 1, log: logTo((line) => lines.push(line)) }).respond(PROMPT, patient()),
    );
    assert.equal(heard.thrown, undefined);
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.pause_ms, 1000);
    assert.equal(lines[0]?.kind, 'rate_limited');
    assert.doesNotMatch(JSON.stringify(lines), /recursion|test-key/);
  });

  it('an unknown model names the variable', async () => {
    const heard = await listen(claude({ model: 'claude-none' }).respond(PROMPT, patient()));
    assert.ok(isError('provider_unavailable', { says: /CLAUDE_MODEL/ })(heard.thrown));
  });

  it('a refused connection is an unavailable provider', async () => {
    const gone = await startSandbox();
    await gone.stop();
    const heard = await listen(claude({ baseUrl: gone.anthropicBaseUrl }).respond(PROMPT, patient()));
    assert.ok(isError('provider_unavailable', { status: 502 })(heard.thrown));
  });
});

describe('a failure in the middle of a reply', () => {
  const cases: [string, FaultPlan['messages'], ReturnType<typeof isError>][] = [
    ['a cut stream', { cut: 'body' }, isError('provider_unavailable', { status: 502 })],
    ['a stall', { stall: 'body' }, isError('timeout')],
    ['overloaded_error', { stream_error: 'overloaded_error' }, isError('provider_unavailable', { status: 503 })],
    ['api_error', { stream_error: 'api_error' }, isError('provider_unavailable', { status: 503 })],
    ['rate_limit_error', { stream_error: 'rate_limit_error' }, isError('rate_limited')],
  ];
  for (const [name, fault, expected] of cases) {
    it(`${name}: the usage first, then its kind, and no second attempt`, async () => {
      sandbox.faults.set({ messages: fault });
      const heard = await listen(claude({ retries: 2, timeoutMs: 1_000 }).respond(PROMPT, patient()));
      assert.equal(heard.order, 'tttu');
      assert.ok(expected(heard.thrown));
      await sandbox.calls.idle();
      const { calls, input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = totals();
      assert.equal(calls, 1);
      assert.deepEqual(heard.usage, {
        input: input_tokens,
        output: Math.ceil(heard.text.length / 3.5),
        cacheRead: cache_read_input_tokens,
        cacheWrite: cache_creation_input_tokens,
        estimated: true,
      });
    });
  }

  it('time that the listener takes is not silence of the provider', async () => {
    const slowly = async (reply: AsyncIterable<ReplyPart>) => {
      const kinds: string[] = [];
      for await (const { type } of reply) if (kinds.push(type) === 1) await sleep(1_200);
      return kinds.at(-1);
    };
    assert.equal(await slowly(claude({ timeoutMs: 800 }).respond(PROMPT, patient())), 'usage');
    sandbox.faults.set({ messages: { stall: 'body' } });
    await assert.rejects(slowly(claude({ timeoutMs: 800 }).respond(PROMPT, patient())), isError('timeout'));
  });
});

describe('an abort', () => {
  const reason = new Cancelled('interrupt');

  it('in the middle of a reply ends the call, yields the usage and throws the reason', async () => {
    sandbox.faults.set({ messages: { token_delay_ms: 20 } });
    const turn = new AbortController();
    const heard = await listen(claude().respond(PROMPT, turn.signal), (part) => {
      if (part.type === 'text') turn.abort(reason);
    });
    assert.equal(heard.order, 'tu');
    assert.equal(heard.thrown, reason);
    await sandbox.calls.idle();
    assert.equal(totals().by_outcome.cancelled, 1);
    assert.equal(heard.usage?.estimated, true);
    assert.equal(heard.usage?.output, Math.max(1, Math.ceil(heard.text.length / 3.5)));
  });

  it('drops what had arrived, but was not yet heard', async () => {
    const turn = new AbortController();
    const heard = await listen(claude().respond(PROMPT, turn.signal), () => turn.abort(reason));
    assert.equal(heard.order, 'tu');
    assert.equal(heard.thrown, reason);
  });

  it('while the listener holds a word closes the connection without waiting for it', async () => {
    sandbox.faults.set({ messages: { token_delay_ms: 20 } });
    const turn = new AbortController();
    const reply = claude().respond(PROMPT, turn.signal)[Symbol.asyncIterator]();
    assert.equal((await reply.next()).value?.type, 'text');
    turn.abort(reason);
    await sandbox.calls.idle();
    assert.equal(totals().by_outcome.cancelled, 1);
    assert.equal((await reply.next()).value?.type, 'usage');
    await assert.rejects(reply.next(), reason);
  });

  it('before the first word bills nothing', async () => {
    sandbox.faults.set({ messages: { latency_ms: 60_000 } });
    const turn = new AbortController();
    const asked = nextRequest();
    const reply = listen(claude().respond(PROMPT, turn.signal));
    await asked;
    turn.abort(reason);
    const heard = await reply;
    assert.equal(heard.order, '');
    assert.equal(heard.thrown, reason);
    await sandbox.calls.idle();
    assert.equal(totals().by_outcome.cancelled, 1);
  });

  it('during the pause before a retry ends the pause', { timeout: 2_000 }, async () => {
    sandbox.faults.set({ messages: { status: 429, retry_after_s: 5 } });
    const turn = new AbortController();
    const log = logTo(() => turn.abort(reason));
    const heard = await listen(claude({ retries: 5, log }).respond(PROMPT, turn.signal));
    assert.equal(heard.thrown, reason);
    assert.equal(totals().calls, 1);
  });

  it('before the call makes none', async () => {
    const heard = await listen(claude().respond(PROMPT, AbortSignal.abort(reason)));
    assert.equal(heard.thrown, reason);
    assert.equal(totals().calls, 0);
  });

  it('leaving the loop closes the connection too', async () => {
    sandbox.faults.set({ messages: { token_delay_ms: 20 } });
    for await (const _ of claude().respond(PROMPT, patient())) break;
    await sandbox.calls.idle();
    assert.equal(totals().by_outcome.cancelled, 1);
  });
});

describe('a probe', () => {
  it('asks for the free model list', async () => {
    await claude().probe(patient());
    await sandbox.calls.idle();
    assert.equal(sandbox.calls.totals().models.by_status['200'], 1);
  });

  it('says what is wrong at once, without a second attempt', async () => {
    const impatient = claude({ retries: 2, timeoutMs: 100 });
    sandbox.faults.set({ models: { status: 401 } });
    await assert.rejects(impatient.probe(patient()), isError('provider_unavailable', { says: /ANTHROPIC_API_KEY/ }));
    sandbox.faults.set({ models: { stall: 'headers' } });
    await assert.rejects(impatient.probe(patient()), isError('timeout'));
    sandbox.faults.set({ models: { status: 500 } });
    await assert.rejects(impatient.probe(patient()), isError('provider_unavailable', { status: 503 }));
    await sandbox.calls.idle();
    assert.equal(sandbox.calls.totals().models.calls, 3);
  });
});

describe('without a base URL', () => {
  it('the live API is asked, with the key and a marked system prompt', async (t) => {
    delete process.env.ANTHROPIC_BASE_URL;
    const requests = recordFetch(t);
    await listen(claude({ apiKey: 'sk-ant-x', baseUrl: undefined }).respond(PROMPT, patient()));
    assert.equal(requests.length, 1);
    const [request] = requests as [Request];
    assert.equal(request.url, 'https://api.anthropic.com/v1/messages');
    assert.equal(request.headers.get('authorization'), 'Bearer sk-ant-x');
    assert.equal(request.headers.get('anthropic-version'), '2026-10-21');
    assert.deepEqual(await request.json(), {
      model: 'claude-haiku-4-5',
      max_tokens: 300,
      system: [{ type: 'text', text: PROMPT.system, cache_control: { type: 'ephemeral' } }],
      messages: PROMPT.messages,
      stream: true,
    });
  });

  it('a temperature goes with the API version that takes it', async (t) => {
    const requests = recordFetch(t);
    await listen(claude({ temperature: 0.7 }).respond(PROMPT, patient()));
    const [request] = requests as [Request];
    assert.equal(request.headers.get('anthropic-version'), '2023-06-01');
    assert.equal(((await request.json()) as { temperature: number }).temperature, 0.7);
  });
});
