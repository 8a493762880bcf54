import { APIConnectionTimeoutError as ClaudeTooSlow, APIConnectionError as ClaudeUnreachable } from '@anthropic-ai/sdk';
import { APIConnectionTimeoutError as OpenAITooSlow, APIConnectionError as OpenAIUnreachable } from 'openai';
import { AppError, type Component, type ErrorKind } from '../errors.ts';

export type ProviderComponent = Extract<Component, 'claude' | 'whisper' | 'speech'>;

/** A provider's answer that ended, or made no sense, before it was whole. */
export class BrokenOff extends Error {}

type Names = { name: string; key: string; model: string };
const NAMES: Record<ProviderComponent, Names> = {
  claude: { name: 'Claude', key: 'ANTHROPIC_API_KEY', model: 'CLAUDE_MODEL' },
  whisper: { name: 'Whisper', key: 'OPENAI_API_KEY', model: 'WHISPER_MODEL' },
  speech: { name: 'The speech service', key: 'OPENAI_API_KEY', model: 'SPEECH_MODEL' },
};

/** `status` is ours, not the provider's: 502 where only a change of set-up or network helps, 503 where waiting does. */
type Verdict = { kind: ErrorKind; status?: number; retry: boolean; say: (provider: Names) => string };

const unavailable = (status: 502 | 503, retry: boolean, say: Verdict['say']): Verdict => {
  return { kind: 'provider_unavailable', status, retry, say };
};
const badInput = (status: 413 | 415 | 422, message: string): Verdict => {
  return { kind: 'bad_input', status, retry: false, say: () => message };
};

const down = unavailable(503, true, ({ name }) => `${name} is overloaded or down; try again.`);
const unreachable = unavailable(502, true, ({ name }) => `${name} can't be reached; try again.`);
const brokenOff = unavailable(502, true, ({ name }) => `${name} broke off its answer; try again.`);
const badKey = unavailable(502, false, ({ name, key }) => `${name} refused the key: check ${key}.`);
const unpaid = unavailable(502, false, ({ name, key }) => `${name} has no credit left: check the account of ${key}.`);
const unknown = unavailable(502, false, ({ name, model }) => `${name} doesn't know the model: check ${model}.`);
const tooLarge = badInput(413, 'This is more than the provider takes at once; send less.');
const notAudio = badInput(415, 'Whisper takes no such audio format; send WAV, MP3, OGG, WebM, FLAC or M4A.');
const undecodable = badInput(422, 'The recording is damaged or too short to be understood; record it again.');
const limited: Verdict = {
  kind: 'rate_limited',
  retry: true,
  say: ({ name }) => `${name} has had too many requests; wait, then try again.`,
};
const slow: Verdict = {
  kind: 'timeout',
  retry: true,
  say: ({ name }) => `${name} took too long to answer; try again.`,
};
const fault: Verdict = {
  kind: 'internal',
  retry: false,
  say: ({ name }) => `Our request to ${name} was wrong; the log has the details.`,
};

const BY_STATUS: Record<number, Verdict> = {
  401: badKey,
  402: unpaid,
  403: badKey,
  404: unknown,
  408: slow,
  409: down,
  413: tooLarge,
  429: limited,
  504: slow,
};

/** `event: error` inside a stream has a type, but no status. */
const STATUS_OF_TYPE: Record<string, number> = {
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** The fields that the error classes of both SDKs share. */
type SdkError = Error & { status?: number; code?: string | null; type?: string | null; headers?: Headers };

/** What to do about a failed call: the error for the caller, whether a further attempt could help, and the wait that the provider asks for. */
export type Explanation = { error: AppError; retry: boolean; waitMs: number | undefined };

/** Gives whatever an SDK threw its kind; what is an AppError already is passed on and not worth a retry. */
export function explain(thrown: unknown, component: ProviderComponent): Explanation {
  if (thrown instanceof AppError) return { error: thrown, retry: false, waitMs: undefined };
  const { kind, status, retry, say } = judge(thrown, component);
  const waitMs = retryAfterMs((thrown as SdkError | undefined)?.headers);
  const retryAfterS = waitMs === undefined ? undefined : Math.ceil(waitMs / 1000);
  return {
    error: new AppError(kind, component, say(NAMES[component]), { cause: thrown, status, retryAfterS }),
    retry,
    waitMs,
  };
}

/** The provider was silent for as long as we are willing to wait. */
export function tooSlow(component: ProviderComponent): AppError {
  return new AppError('timeout', component, slow.say(NAMES[component]));
}

function judge(thrown: unknown, component: ProviderComponent): Verdict {
  if (thrown instanceof ClaudeTooSlow || thrown instanceof OpenAITooSlow) return { ...slow, retry: false };
  if (thrown instanceof BrokenOff || thrown instanceof SyntaxError) return brokenOff;
  if (thrown instanceof ClaudeUnreachable || thrown instanceof OpenAIUnreachable || isSocketError(thrown))
    return unreachable;
  const { code, type, status = STATUS_OF_TYPE[type ?? ''], message } = (thrown ?? {}) as SdkError;
  if (code === 'insufficient_quota' || (status === 400 && /credit balance/i.test(message))) return unpaid;
  if (status === 400 && component === 'whisper') {
    if (/file format/i.test(message)) return notAudio;
    if (/decoded|too short|corrupted/i.test(message)) return undecodable;
  }
  if (status === undefined) return fault;
  return BY_STATUS[status] ?? (status >= 500 ? down : fault);
}

/** A connection lost in the middle of a body is a TypeError "terminated" of fetch; the socket's error is its cause. */
function isSocketError(thrown: unknown): boolean {
  for (let cause = thrown; cause instanceof Error; cause = cause.cause) {
    if (/^(UND_ERR_|E[A-Z]+$)/.test(String((cause as NodeJS.ErrnoException).code))) return true;
  }
  return false;
}

/** RFC 9110 `Retry-After`, in seconds or as a date, and the finer `retry-after-ms` that both SDKs know. */
function retryAfterMs(headers: Headers | undefined): number | undefined {
  const ms = Number.parseFloat(headers?.get?.('retry-after-ms') ?? '');
  if (ms > 0) return ms;
  const after = headers?.get?.('retry-after');
  if (!after) return undefined;
  const seconds = Number(after);
  const wait = Number.isNaN(seconds) ? Date.parse(after) - Date.now() : seconds * 1000;
  return wait > 0 ? wait : undefined;
}
