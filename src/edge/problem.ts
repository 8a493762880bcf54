import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Response } from 'express';
import type { ErrorReporter } from '../conversation/watchers.ts';
import { AppError, type ErrorKind, toAppError } from '../errors.ts';

const STATUS: Record<ErrorKind, number> = {
  bad_input: 400,
  unauthorized: 401,
  not_found: 404,
  rate_limited: 429,
  budget_exhausted: 402,
  provider_unavailable: 503,
  timeout: 504,
  internal: 500,
};

const statusOf = (error: AppError): number => error.status ?? STATUS[error.kind];

/** Answers with the problem document of RFC 9457; `kind` is its machine-readable word, so `type` stays `about:blank`. */
export function sendProblem(res: Response, error: AppError): void {
  const status = statusOf(error);
  if (error.retryAfterS !== undefined) res.set('Retry-After', String(Math.ceil(error.retryAfterS)));
  if (status === 401) res.set('WWW-Authenticate', 'Bearer');
  const { turn_id: turnId } = error.extra;
  const problem = {
    ...error.extra,
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail: error.message,
    kind: error.kind,
    ...(turnId === undefined ? {} : { instance: `urn:uuid:${turnId}` }),
    ...(error.retryAfterS === undefined ? {} : { retry_after_s: error.retryAfterS }),
  };
  res.status(status).type('application/problem+json').send(JSON.stringify(problem));
}

/** The one place where a failed request gets its answer. A client that left while it was sending has no failure of ours. */
export function problemHandler(reporter: ErrorReporter): ErrorRequestHandler {
  return (thrown, _req, res, _next) => {
    if (thrown?.type === 'request.aborted') return;
    const error = fromExpress(thrown);
    reporter.report(error);
    if (res.destroyed) return;
    if (res.headersSent) breakOff(res, error);
    else sendProblem(res, error);
  };
}

/**
 * Half an answer must not look like a whole one. NOTE: to a client of HTTP/1.0, some proxies among them, a connection that is
 * closed is an answer that is over; one that is reset is not. Others see that the last chunk is missing.
 */
function breakOff(res: Response, error: AppError): void {
  res.locals.brokenOff = statusOf(error);
  if (res.req.httpVersion === '1.0') res.socket?.resetAndDestroy();
  else res.destroy();
}

/** Gives the errors of Express and its body parsers a kind. NOTE: the JSON parser's own message quotes the body, so it is not passed on. */
function fromExpress(thrown: unknown): AppError {
  const { type, status, limit } = (thrown ?? {}) as { type?: string; status?: number; limit?: number };
  const refuse = (httpStatus: number, message: string) =>
    new AppError('bad_input', 'http', message, { status: httpStatus });
  if (thrown instanceof AppError || typeof status !== 'number' || status >= 500) return toAppError(thrown, 'http');
  switch (type) {
    case 'entity.parse.failed':
      return refuse(400, 'The body is not valid JSON: check quotes and commas, and send one JSON object.');
    case 'entity.too.large':
      return refuse(413, `The body is larger than ${limit} bytes: send less, or in several requests.`);
    case 'encoding.unsupported':
      return refuse(415, 'This Content-Encoding is not accepted: send the body plain, or as gzip, deflate or br.');
    case 'charset.unsupported':
      return refuse(415, 'This charset is not accepted: send JSON as UTF-8.');
    default:
      return refuse(status, 'The request could not be read: check its URL, headers and length.');
  }
}

/** What a turn hears while the agent starts or drains. */
export function notReady(component: 'http' | 'socket'): AppError {
  const message = 'The agent is starting or shutting down and takes no turns: try again in 5 s.';
  return new AppError('provider_unavailable', component, message, { status: 503, retryAfterS: 5 });
}
