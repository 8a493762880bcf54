export type Provider = 'anthropic' | 'openai';

/** What the client is told, before it is put in the shape of the provider that was asked. */
export class ProviderError extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly param: string | null;
  readonly retryAfterS: number | undefined;

  constructor(
    status: number,
    message: string,
    more: { code?: string | null; param?: string | null; retryAfterS?: number | undefined } = {},
  ) {
    super(message);
    this.status = status;
    this.code = more.code ?? null;
    this.param = more.param ?? null;
    this.retryAfterS = more.retryAfterS;
  }
}

const ANTHROPIC_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** The error type that Anthropic's API gives with a status. */
export function anthropicErrorType(status: number): string {
  return ANTHROPIC_TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}

/** The body in which each provider wraps an error. */
export function errorBody(provider: Provider, error: ProviderError, requestId: string): object {
  if (provider === 'anthropic') {
    return {
      type: 'error',
      error: { type: anthropicErrorType(error.status), message: error.message },
      request_id: requestId,
    };
  }
  const { message, param, code } = error;
  return { error: { message, type: openaiErrorType(error), param, code } };
}

function openaiErrorType({ status, code }: ProviderError): string {
  if (code === 'insufficient_quota') return 'insufficient_quota';
  if (status === 429) return 'requests';
  return status >= 500 || status === 413 ? 'server_error' : 'invalid_request_error';
}

const MESSAGES: Record<Provider, Record<number, string>> = {
  anthropic: {
    400: 'Injected by the sandbox: invalid request',
    401: 'invalid x-api-key',
    403: 'Your API key does not have permission to use the specified resource.',
    404: 'Not found',
    413: 'Request exceeds the maximum size',
    429: 'This request would exceed the rate limit of your organization. Please try again later.',
    500: 'Internal server error',
    529: 'Overloaded',
  },
  openai: {
    400: 'Injected by the sandbox: invalid request',
    401: 'Incorrect API key provided. You can find your API key in your account settings.',
    403: 'You are not allowed to use this resource.',
    404: 'The requested resource does not exist.',
    413: '413: Maximum content size limit exceeded',
    429: 'Rate limit reached. Please try again later.',
    500: 'The server had an error while processing your request. Sorry about that!',
    503: 'The engine is currently overloaded, please try again later.',
  },
};
const QUOTA = 'You exceeded your current quota, please check your plan and billing details.';
const CREDIT = 'Your credit balance is too low to access the Anthropic API.';

/** The error that a provider would give with this status; `insufficient_quota` is OpenAI's 429 and Anthropic's 400. */
export function injectedError(provider: Provider, status: number, code?: string, retryAfterS?: number): ProviderError {
  if (code === 'insufficient_quota') {
    return provider === 'openai' ? new ProviderError(429, QUOTA, { code }) : new ProviderError(400, CREDIT);
  }
  const openaiCode = status === 401 ? 'invalid_api_key' : status === 429 ? 'rate_limit_exceeded' : null;
  return new ProviderError(status, MESSAGES[provider][status] ?? `Injected by the sandbox: status ${status}`, {
    code: code ?? (provider === 'openai' ? openaiCode : null),
    retryAfterS,
  });
}
