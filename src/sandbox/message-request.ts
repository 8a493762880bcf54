import type { InputUsage, PromptBlock } from './prompt-cache.ts';
import { ProviderError } from './provider-error.ts';
import { countTokens, MESSAGE_OVERHEAD_TOKENS } from './tokens.ts';
import type { Conversation } from './tutor.ts';

/** A body that passed the checks, in the forms in which it is needed. */
export interface MessageRequest {
  model: string;
  maxTokens: number;
  stream: boolean;
  stopSequences: string[];
  conversation: Conversation;
  blocks: PromptBlock[];
}

type Json = Record<string, unknown>;
const TTLS: Record<string, number> = { '5m': 300, '1h': 3600 };
const MAX_MARKS = 4;

/** Checks a Messages body as Anthropic does, and throws its 400 with the path of the first field that is wrong. */
export function parseMessageRequest(body: Buffer, needsMaxTokens = true): MessageRequest {
  const json = parseObject(body);
  const { model, max_tokens: maxTokens, messages, stop_sequences: stops = [] } = json;
  if (typeof model !== 'string' || model === '')
    fail('model', model === undefined ? 'Field required' : 'Input should be a valid string');
  if (needsMaxTokens) checkMaxTokens(maxTokens);
  const temperature = json.temperature ?? 1;
  if (typeof temperature !== 'number' || temperature < 0 || temperature > 1) fail('temperature', 'range: 0..1');
  if (!Array.isArray(stops) || stops.some((stop) => typeof stop !== 'string' || !stop.trim())) {
    fail('stop_sequences', 'each stop sequence must contain non-whitespace');
  }
  if (messages === undefined) fail('messages', 'Field required');
  if (!Array.isArray(messages)) fail('messages', 'Input should be a valid list');
  if (messages.length === 0) fail('messages', 'at least one message is required');

  const system = readContent(json.system ?? [], 'system', 'system');
  const turns = messages.map(readMessage);
  if (turns[0]?.role !== 'user') fail('messages', 'first message must use the "user" role');
  if (turns.at(-1)?.role !== 'user') {
    const message =
      'This model does not support assistant message prefill. The conversation must end with a user message.';
    throw new ProviderError(400, message);
  }
  const blocks = [...system, ...turns.flatMap((turn) => turn.blocks)];
  const last = blocks.at(-1);
  if (json.cache_control && last) last.cacheS ??= ttlOf(json.cache_control, 'cache_control');
  const marks = blocks.filter(({ cacheS }) => cacheS !== undefined).length;
  if (marks > MAX_MARKS) {
    throw new ProviderError(
      400,
      `A maximum of ${MAX_MARKS} blocks with cache_control may be provided. Found ${marks}.`,
    );
  }
  return {
    model: model as string,
    maxTokens: maxTokens as number,
    stream: json.stream === true,
    stopSequences: stops as string[],
    conversation: {
      system: textOf(system),
      turns: turns.map(({ role, blocks: own }) => ({ role, text: textOf(own) })),
    },
    blocks,
  };
}

/** A prompt's size when nothing of it is cached. */
export function promptTokens(blocks: PromptBlock[]): InputUsage['input_tokens'] {
  return blocks.reduce((sum, { tokens }) => sum + tokens, 0);
}

function readMessage(message: unknown, index: number): { role: string; blocks: PromptBlock[] } {
  const at = `messages.${index}`;
  if (!isObject(message)) fail(at, 'Input should be a valid dictionary');
  const { role, content } = message;
  if (role === 'system') fail('messages', 'Unexpected role "system". Use the top-level `system` parameter.');
  if (role !== 'user' && role !== 'assistant') fail(`${at}.role`, "Input should be 'user' or 'assistant'");
  if (content === undefined) fail(`${at}.content`, 'Field required');
  const blocks = readContent(content, role, `${at}.content`);
  if (blocks.length === 0) fail(at, 'all messages must have non-empty content');
  (blocks[0] as PromptBlock).tokens += MESSAGE_OVERHEAD_TOKENS;
  return { role, blocks };
}

/** A string or a list of text blocks. NOTE: the sandbox's tutor can't see pictures or call tools, so they are refused. */
function readContent(content: unknown, role: string, at: string): PromptBlock[] {
  if (content === '') return [];
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  if (!Array.isArray(parts)) fail(at, 'Input should be a valid string or a list of content blocks');
  return parts.map((part: unknown, index) => {
    if (!isObject(part)) fail(`${at}.${index}`, 'Input should be a valid dictionary');
    const { type, text, cache_control: mark } = part;
    if (type !== 'text') fail(`${at}.${index}.type`, `the sandbox takes text blocks only, not '${type}'`);
    if (typeof text !== 'string') fail(`${at}.${index}.text`, 'Field required');
    if (!text.trim()) fail(`${at}.${index}`, 'text content blocks must contain non-whitespace text');
    const cacheS = mark ? ttlOf(mark, `${at}.${index}.cache_control`) : undefined;
    return { content: `${role}\0${text}`, tokens: countTokens(text), cacheS };
  });
}

function textOf(blocks: PromptBlock[]): string {
  return blocks.map(({ content }) => content.slice(content.indexOf('\0') + 1)).join('\n');
}

function ttlOf(mark: unknown, at: string): number {
  const ttl = isObject(mark) && mark.type === 'ephemeral' ? TTLS[String(mark.ttl ?? '5m')] : undefined;
  return ttl ?? fail(at, "Input should be {type: 'ephemeral', ttl: '5m' or '1h'}");
}

function checkMaxTokens(value: unknown): void {
  if (value === undefined) fail('max_tokens', 'Field required');
  if (!Number.isInteger(value)) fail('max_tokens', 'Input should be a valid integer');
  if ((value as number) < 1) fail('max_tokens', 'Input should be greater than or equal to 1');
}

function parseObject(body: Buffer): Json {
  try {
    const json = JSON.parse(body.toString());
    if (isObject(json)) return json;
  } catch {
    throw new ProviderError(400, 'The request body is not valid JSON');
  }
  throw new ProviderError(400, 'Input should be a valid dictionary');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fail(field: string, problem: string): never {
  throw new ProviderError(400, `${field}: ${problem}`);
}
