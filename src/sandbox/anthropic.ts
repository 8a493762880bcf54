import { setTimeout as sleep } from 'node:timers/promises';
import { breakOff, type Exchange, sendJson } from './exchange.ts';
import type { Fault } from './faults.ts';
import { randomId } from './ids.ts';
import { parseMessageRequest, promptTokens } from './message-request.ts';
import { anthropicModel, anthropicModels, CHAT_MODELS } from './models.ts';
import type { InputUsage, PromptCache } from './prompt-cache.ts';
import { injectedError, ProviderError } from './provider-error.ts';
import { countTokens, toDeltas } from './tokens.ts';
import { replyTo } from './tutor.ts';

const DEFAULT_AFTER_DELTAS = 3;

type StreamError = NonNullable<Fault['stream_error']>;

interface Reply {
  deltas: string[];
  outputTokens: number;
  stopReason: 'end_turn' | 'max_tokens' | 'stop_sequence';
  stopSequence: string | null;
}

/** `POST /v1/messages`: the tutor's reply, whole or as server-sent events. */
export async function createMessage(exchange: Exchange, cache: PromptCache): Promise<void> {
  const request = parseMessageRequest(exchange.body);
  checkModel(request.model);
  const { call, fault } = exchange;
  const reply = limit(replyTo(request.conversation), request.maxTokens, request.stopSequences);
  const input = cache.use(
    `${request.model}\0${exchange.req.headers['x-api-key'] ?? exchange.req.headers.authorization}`,
    request.blocks,
  );
  const model = fault.model ?? request.model;
  call.model = model;
  call.billed.input_tokens += input.input_tokens;
  call.billed.cache_creation_input_tokens += input.cache_creation_input_tokens;
  call.billed.cache_read_input_tokens += input.cache_read_input_tokens;
  if (request.stream) return stream(exchange, model, input, reply);

  if (fault.token_delay_ms)
    await sleep(fault.token_delay_ms * reply.deltas.length, undefined, { signal: exchange.signal });
  call.billed.output_tokens += reply.outputTokens;
  const content = reply.deltas.length > 0 ? [{ type: 'text', text: reply.deltas.join(''), citations: null }] : [];
  await sendJson(exchange, 200, {
    ...message(model, input, reply.outputTokens),
    content,
    stop_reason: reply.stopReason,
    stop_sequence: reply.stopSequence,
  });
}

/** `POST /v1/messages/count_tokens`. */
export async function countMessageTokens(exchange: Exchange): Promise<void> {
  const { model, blocks } = parseMessageRequest(exchange.body, false);
  checkModel(model);
  await sendJson(exchange, 200, { input_tokens: promptTokens(blocks) });
}

/** `GET /v1/models` and `GET /v1/models/{id}`, as Anthropic answers them. */
export async function listChatModels(exchange: Exchange, id: string | undefined): Promise<void> {
  if (id) checkModel(id);
  await sendJson(exchange, 200, id ? anthropicModel(id) : anthropicModels(exchange.url.searchParams));
}

function checkModel(id: string): void {
  if (!CHAT_MODELS.includes(id)) throw new ProviderError(404, `model: ${id}`);
}

/** Ends a reply where a stop sequence or the token limit ends it. */
function limit(text: string, maxTokens: number, stopSequences: string[]): Reply {
  const stops = stopSequences.map((stop) => ({ stop, at: text.indexOf(stop) })).filter(({ at }) => at >= 0);
  const first = stops.sort((a, b) => a.at - b.at)[0];
  const wanted = first ? text.slice(0, first.at) : text;
  if (Buffer.byteLength(wanted) > maxTokens * 4) {
    const cut = Buffer.from(wanted)
      .subarray(0, maxTokens * 4)
      .toString()
      .replace(/\ufffd+$/, '');
    return { deltas: toDeltas(cut), outputTokens: maxTokens, stopReason: 'max_tokens', stopSequence: null };
  }
  const stopReason = first ? 'stop_sequence' : 'end_turn';
  return { deltas: toDeltas(wanted), outputTokens: countTokens(wanted), stopReason, stopSequence: first?.stop ?? null };
}

async function stream(exchange: Exchange, model: string, input: InputUsage, reply: Reply): Promise<void> {
  const { res, fault, call, signal } = exchange;
  const breaks = fault.stall === 'body' || fault.cut === 'body' || fault.stream_error !== undefined;
  const deltas = breaks ? reply.deltas.slice(0, fault.after_deltas ?? DEFAULT_AFTER_DELTAS) : reply.deltas;
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  const opening = { index: 0, content_block: { type: 'text', text: '', citations: null } };
  res.write(
    event('message_start', { message: message(model, input, 1) }) +
      event('content_block_start', opening) +
      event('ping'),
  );

  const start = performance.now();
  let bytes = 0;
  for (const [index, delta] of deltas.entries()) {
    if (fault.token_delay_ms) {
      const due = start + (index + 1) * fault.token_delay_ms - performance.now();
      await sleep(Math.max(0, due), undefined, { signal });
    }
    res.write(deltaEvent(delta));
    // Billed as it is said: a client that leaves pays for what was generated until then.
    bytes += Buffer.byteLength(delta);
    call.billed.output_tokens = Math.ceil(bytes / 4);
  }
  if (fault.stream_error) return endWithError(exchange, fault.stream_error);
  if (breaks) return breakOff(exchange);

  call.billed.output_tokens = reply.outputTokens;
  const delta = { stop_reason: reply.stopReason, stop_sequence: reply.stopSequence };
  const usage = { ...input, output_tokens: reply.outputTokens };
  res.end(event('content_block_stop', { index: 0 }) + event('message_delta', { delta, usage }) + event('message_stop'));
}

function endWithError({ res, call, requestId }: Exchange, type: StreamError): void {
  call.broken = true;
  const { message } = injectedError(
    'anthropic',
    { overloaded_error: 529, rate_limit_error: 429, api_error: 500 }[type],
  );
  res.end(event('error', { error: { type, message }, request_id: requestId }));
}

function message(model: string, input: InputUsage, outputTokens: number): object {
  return {
    id: randomId('msg_01'),
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...input, output_tokens: outputTokens, service_tier: 'standard' },
  };
}

function event(type: string, data: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

/** The event that makes up nearly all of a stream, without building an object for it. */
function deltaEvent(text: string): string {
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${JSON.stringify(text)}}}\n\n`;
}
