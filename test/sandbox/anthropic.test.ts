import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { CHAT_MODELS } from '../../src/sandbox/models.ts';
import { ask, deaf, withSandbox } from './support.ts';

const quiet = { recognizer: deaf };

test('a streamed reply is the whole reply in word-sized pieces, with usage and request id', async (t) => {
  const { claude } = await withSandbox(t, quiet);
  const stream = claude.messages.stream(ask('What is recursion?'));
  const pieces: string[] = [];
  stream.on('text', (text) => pieces.push(text));
  const message = await stream.finalMessage();
  const whole = await claude.messages.create(ask('What is recursion?'));

  assert.ok(pieces.length > 10);
  assert.deepEqual(message.content, [{ type: 'text', text: pieces.join(''), citations: null }]);
  assert.deepEqual(message.content, whole.content);
  assert.equal(message.stop_reason, 'end_turn');
  assert.equal(message.usage.input_tokens, Math.ceil('What is recursion?'.length / 4) + 4);
  assert.equal(message.usage.output_tokens, Math.ceil(pieces.join('').length / 4));
  assert.deepEqual(message.usage, whole.usage);
  assert.match(stream.request_id ?? '', /^req_/);
});

test('the events of a stream come in the documented order, each with its event line', async (t) => {
  const { sandbox } = await withSandbox(t, quiet);
  const response = await fetch(`${sandbox.anthropicBaseUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ ...ask('What is recursion?'), stream: true }),
  });
  const events = (await response.text())
    .trim()
    .split('\n\n')
    .map((block) => block.split('\n'));
  for (const [name, data] of events) {
    assert.equal(name, `event: ${JSON.parse(data?.slice(6) ?? '').type}`);
  }
  const order = events.map(([name]) => name?.slice(7)).filter((name, index, all) => name !== all[index - 1]);
  assert.deepEqual(order, [
    'message_start',
    'content_block_start',
    'ping',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  assert.equal(response.headers.get('x-sandbox'), 'true');
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
});

test('the token limit and stop sequences end a reply', async (t) => {
  const { claude } = await withSandbox(t, quiet);
  const short = await claude.messages.create({ ...ask('What is recursion?'), max_tokens: 5 });
  assert.equal(short.stop_reason, 'max_tokens');
  assert.equal(short.usage.output_tokens, 5);
  assert.equal(textOf(short), "Let's give recursion");

  const stopped = await claude.messages.create({ ...ask('What is recursion?'), stop_sequences: ['. '] });
  assert.equal(stopped.stop_reason, 'stop_sequence');
  assert.equal(stopped.stop_sequence, '. ');
  assert.doesNotMatch(textOf(stopped), /\. /);
});

test('invalid requests are refused as the provider refuses them', async (t) => {
  const { claude, sandbox } = await withSandbox(t, quiet);
  const good = ask('hello');
  const marked = { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } };
  const table: [object, RegExp][] = [
    [{ max_tokens: undefined }, /max_tokens: Field required/],
    [{ max_tokens: 0 }, /max_tokens: .*greater than/],
    [{ messages: undefined }, /messages: Field required/],
    [{ messages: [] }, /at least one message is required/],
    [{ messages: [{ role: 'robot', content: 'x' }] }, /messages\.0\.role/],
    [{ messages: [{ role: 'system', content: 'x' }] }, /Unexpected role "system"/],
    [{ messages: [{ role: 'assistant', content: 'x' }] }, /first message must use the "user" role/],
    [{ messages: [{ role: 'user', content: '' }] }, /non-empty content/],
    [{ messages: [{ role: 'user', content: ' ' }] }, /non-whitespace/],
    [{ messages: [...good.messages, { role: 'assistant', content: 'Hi' }] }, /prefill/],
    [{ temperature: 2 }, /temperature/],
    [
      { messages: [{ role: 'user', content: Array(5).fill(marked) }] },
      /maximum of 4 blocks with cache_control.*Found 5/,
    ],
  ];
  for (const [change, message] of table) {
    await assert.rejects(claude.messages.create({ ...good, ...change } as typeof good), (error) => {
      assert.ok(error instanceof Anthropic.BadRequestError);
      assert.equal(error.type, 'invalid_request_error');
      assert.match(error.apiMessage ?? '', message);
      assert.equal((error.error as { request_id?: string }).request_id, error.requestID);
      return true;
    });
  }
  assert.equal(sandbox.calls.totals().messages.by_status['400'], table.length);
  await assert.rejects(claude.messages.create({ ...good, model: 'claude-9' }), Anthropic.NotFoundError);
});

test('a key and a version are demanded, oversized and unknown requests refused', async (t) => {
  const { sandbox } = await withSandbox(t, quiet);
  const post = (headers: Record<string, string>, body = '{}', path = '/v1/messages') =>
    fetch(sandbox.anthropicBaseUrl + path, { method: 'POST', headers, body });
  const version = { 'anthropic-version': '2023-06-01' };
  const kinds = async (response: Response) => [
    response.status,
    ((await response.json()) as { error: { type: string } }).error.type,
  ];

  assert.deepEqual(await kinds(await post(version)), [401, 'authentication_error']);
  assert.deepEqual(await kinds(await post({ 'x-api-key': 'k' })), [400, 'invalid_request_error']);
  const big = await post({ ...version, 'x-api-key': 'k' }, 'x'.repeat(33 * 2 ** 20));
  assert.deepEqual(await kinds(big), [413, 'request_too_large']);
  assert.deepEqual(await kinds(await post(version, '{}', '/v1/nothing')), [404, 'not_found_error']);
});

test('models are listed page by page and found by id, each named as the sandbox', async (t) => {
  const { claude } = await withSandbox(t, quiet);
  const ids: string[] = [];
  for await (const model of claude.models.list({ limit: 4 })) {
    ids.push(model.id);
    assert.match(model.display_name, /\(sandbox\)$/);
  }
  assert.deepEqual(ids, CHAT_MODELS);
  assert.equal((await claude.models.retrieve('claude-sonnet-5')).type, 'model');
  await assert.rejects(claude.models.retrieve('claude-9'), Anthropic.NotFoundError);
});

test('the rate-limit headers count down', async (t) => {
  const { claude } = await withSandbox(t, quiet);
  const remaining = async () => {
    const { response } = await claude.messages.create(ask('hello')).withResponse();
    return Number(response.headers.get('anthropic-ratelimit-requests-remaining'));
  };
  const first = await remaining();
  assert.equal(await remaining(), first - 1);
});

test('a marked prefix is written once and read from then on, and the sums stay the prompt', async (t) => {
  const { claude, sandbox } = await withSandbox(t, { ...quiet, cacheMinTokens: 20 });
  const system = [
    { type: 'text' as const, text: 'You are a companion. '.repeat(10), cache_control: { type: 'ephemeral' as const } },
  ];
  const { input_tokens: whole } = await claude.messages.countTokens({
    ...withoutLimit(ask('What is a stack?')),
    system,
  });
  const usage = async (request: Anthropic.MessageCreateParamsNonStreaming) => {
    const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = (
      await claude.messages.create(request)
    ).usage;
    return [input_tokens, cache_creation_input_tokens, cache_read_input_tokens];
  };
  const prefix = Math.ceil(('You are a companion. '.length * 10) / 4);
  const rest = whole - prefix;
  assert.deepEqual(await usage({ ...ask('What is a stack?'), system }), [rest, prefix, 0]);
  assert.deepEqual(await usage({ ...ask('What is a stack?'), system }), [rest, 0, prefix]);
  assert.deepEqual(await usage({ ...ask('What is a stack?'), system, model: 'claude-sonnet-5' }), [rest, prefix, 0]);
  assert.deepEqual(
    await usage({
      ...ask('What is a stack?'),
      system: [{ type: 'text', text: 'Short.', cache_control: { type: 'ephemeral' } }],
    }),
    [whole - prefix + 2, 0, 0],
  );

  const { messages } = sandbox.calls.totals();
  const byModel = sandbox.calls.byModel();
  assert.equal(byModel['claude-sonnet-5']?.cache_creation_input_tokens, prefix);
  assert.equal(messages.cache_creation_input_tokens, 2 * prefix);
  assert.equal(messages.cache_read_input_tokens, prefix);
});

test('a client that leaves ends the work, and the ledger has what was said until then', async (t) => {
  const { claude, sandbox } = await withSandbox(t, { ...quiet, faults: { messages: { token_delay_ms: 20 } } });
  const stream = claude.messages.stream(ask('What is recursion?'));
  let heard = 0;
  stream.on('text', () => {
    heard += 1;
    if (heard === 3) stream.abort();
  });
  await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
  await sandbox.calls.idle();

  const { messages } = sandbox.calls.totals();
  assert.deepEqual(messages.by_outcome, { ok: 0, error: 0, cancelled: 1, broken: 0 });
  assert.ok(messages.input_tokens > 0);
  assert.ok(messages.output_tokens > 0 && messages.output_tokens < 15, `${messages.output_tokens} tokens`);
});

function withoutLimit({ model, messages }: ReturnType<typeof ask>) {
  return { model, messages };
}

function textOf({ content }: Anthropic.Message): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}
