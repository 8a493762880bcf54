import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { ReplyPart, TokenUsage } from '../../src/conversation/ports.ts';
import { AppError, type ErrorKind } from '../../src/errors.ts';
import { createLogger, type Logger } from '../../src/log.ts';

/** A reply read to its end: what was said, the parts' order, and what ended it. */
export type Heard = { text: string; order: string; usage?: TokenUsage; model?: string; thrown?: unknown };

export async function listen(reply: AsyncIterable<ReplyPart>, onPart?: (part: ReplyPart) => void): Promise<Heard> {
  const heard: Heard = { text: '', order: '' };
  try {
    for await (const part of reply) {
      heard.order += part.type === 'text' ? 't' : 'u';
      if (part.type === 'text') heard.text += part.text;
      else Object.assign(heard, { usage: part.usage, model: part.model });
      onPart?.(part);
    }
  } catch (thrown) {
    heard.thrown = thrown;
  }
  return heard;
}

/** For `assert.rejects` and for thrown values: an AppError of this kind, and more where it matters. */
export function isError(kind: ErrorKind, more: { status?: number; retryAfterS?: number; says?: RegExp } = {}) {
  return (thrown: unknown): boolean => {
    if (!(thrown instanceof AppError) || thrown.kind !== kind) throw thrown;
    const { status = thrown.status, retryAfterS = thrown.retryAfterS, says = /./ } = more;
    return thrown.status === status && thrown.retryAfterS === retryAfterS && says.test(thrown.message);
  };
}

/** A signal that nobody aborts. */
export const patient = (): AbortSignal => new AbortController().signal;

/** A logger that hands over each line as it is written. */
export function logTo(onLine: (line: Record<string, unknown>) => void): Logger {
  return createLogger({ level: 'trace', version: 'test' }, { write: (line) => onLine(JSON.parse(line)) });
}

/** Resolves when any HTTP server of this process gets its next request. */
export function nextRequest(): Promise<void> {
  const channel = 'http.server.request.start';
  return new Promise((resolve) => {
    const onRequest = () => {
      unsubscribe(channel, onRequest);
      resolve();
    };
    subscribe(channel, onRequest);
  });
}

/** A server for what the sandbox can't be made to answer. */
export async function startServer(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Stands in the way of `fetch` for one test: nothing goes out, and each request is kept. */
export function recordFetch(t: TestContext): Request[] {
  const requests: Request[] = [];
  const { fetch } = globalThis;
  t.mock.method(globalThis, 'fetch', async (url: string, init: RequestInit) => {
    // NOTE: the openai package looks with an empty data URL whether fetch takes a form.
    if (url.startsWith('data:')) return fetch(url);
    requests.push(new Request(url, { ...init, signal: null }));
    throw new TypeError('fetch failed');
  });
  return requests;
}
