import { Anthropic } from '@anthropic-ai/sdk';
import type { Prompt, ReplyPart, Responder, TokenUsage } from '../conversation/ports.ts';
import type { Logger } from '../log.ts';
import { type CallPolicy, callProvider, createWatchdog, PROBE_TIMEOUT_MS, withRetries } from './attempts.ts';
import { BrokenOff, explain } from './provider-errors.ts';

export type ClaudeOptions = {
  apiKey: string;
  /** The SDK's own, the live API, when absent. */
  baseUrl?: string | undefined;
  model: string;
  maxTokens: number;
  temperature?: number | undefined;
  timeoutMs: number;
  retries: number;
  log?: Logger | undefined;
};

/** English text of Claude's tokenizer, by Anthropic's own rule of thumb. */
const CHARACTERS_PER_TOKEN = 3.5;

/** Claude over the Messages API, streamed. An attempt is repeated only while nothing of it has been billed or said. */
export function createClaude(options: ClaudeOptions): Responder {
  const { model, timeoutMs, retries, log } = options;
  const policy: CallPolicy = { component: 'claude', timeoutMs, retries, log };
  const client = new Anthropic({
    apiKey: options.apiKey,
    authToken: null,
    baseURL: options.baseUrl,
    timeout: timeoutMs,
    maxRetries: 0,
    // NOTE: the SDK would print events that it can't parse, the learner's words among them.
    logLevel: 'off',
    // NOTE: the SDK would open spans of its own beside the watchers'.
    openTelemetry: false,
  });

  /** Resolves at `message_start`, from which on the provider bills. */
  async function open(prompt: Prompt, caller: AbortSignal) {
    const watchdog = createWatchdog(policy, caller);
    try {
      const [body, extra] = requestFor(prompt, options);
      const stream = await client.messages.create(body, { ...extra, signal: watchdog.signal });
      const events = stream[Symbol.asyncIterator]();
      const first = await events.next();
      if (first.value?.type === 'message_start') return { watchdog, events, message: first.value.message };
      await events.return?.();
      throw new BrokenOff('no message_start');
    } catch (thrown) {
      watchdog.close();
      throw watchdog.signal.aborted ? watchdog.signal.reason : thrown;
    }
  }

  return {
    model,
    async *respond(prompt, signal): AsyncGenerator<ReplyPart> {
      const { watchdog, events, message } = await withRetries(policy, signal, () => open(prompt, signal));
      let usage = usageOf(message.usage);
      let characters = 0;
      let whole = false;
      let failure: unknown;
      try {
        for await (const event of { [Symbol.asyncIterator]: () => events }) {
          if (watchdog.signal.aborted) break;
          watchdog.wait();
          if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') {
            characters += event.delta.text.length;
            watchdog.rest();
            yield { type: 'text', text: event.delta.text };
            watchdog.wait();
          } else if (event.type === 'message_delta') {
            usage = usageOf(event.usage, usage);
          } else if (event.type === 'message_stop') {
            whole = true;
          }
        }
        // NOTE: a stream that is cut or aborted ends like any other; only message_stop tells that it is whole.
        if (!whole) throw new BrokenOff('no message_stop');
      } catch (thrown) {
        failure = watchdog.signal.aborted ? watchdog.signal.reason : explain(thrown, 'claude').error;
      } finally {
        watchdog.close();
      }
      if (usage.estimated) usage.output = Math.max(usage.output, Math.ceil(characters / CHARACTERS_PER_TOKEN));
      yield { type: 'usage', usage, model: message.model };
      if (failure && !whole) throw failure;
    },
    async probe(signal) {
      const once = { ...policy, retries: 0, timeoutMs: Math.min(timeoutMs, PROBE_TIMEOUT_MS) };
      await callProvider(once, signal, (signal) => client.models.list({ limit: 1 }, { signal }));
    },
  };
}

/**
 * The system prompt is marked for the prompt cache; the messages are not, because the context is a sliding window: once it
 * slides, a marked history would be written anew with each turn, at a higher price, and never be read.
 */
function requestFor(
  prompt: Prompt,
  { model, maxTokens, temperature }: ClaudeOptions,
): [Anthropic.MessageCreateParamsStreaming, Anthropic.RequestOptions] {
  const body = {
    model,
    max_tokens: maxTokens,
    system: [{ type: 'text' as const, text: prompt.system, cache_control: { type: 'ephemeral' as const } }],
    messages: prompt.messages,
    stream: true as const,
  };
  if (temperature === undefined) return [body, {}];
  // NOTE: the SDK's API version, 2026-10-21, refuses `temperature`; the one before takes it, for models up to Opus 4.6.
  const headers = { 'anthropic-version': '2023-06-01' };
  return [Object.assign(body, { temperature }), { headers }];
}

/** Counts are cumulative and fields may be missing; output is final only in `message_delta`, which comes after `known`. */
function usageOf(counts: Partial<Anthropic.MessageDeltaUsage> | Anthropic.Usage, known?: TokenUsage): TokenUsage {
  return {
    input: counts.input_tokens ?? known?.input ?? 0,
    output: counts.output_tokens ?? 0,
    cacheRead: counts.cache_read_input_tokens ?? known?.cacheRead ?? 0,
    cacheWrite: counts.cache_creation_input_tokens ?? known?.cacheWrite ?? 0,
    estimated: known === undefined,
  };
}
