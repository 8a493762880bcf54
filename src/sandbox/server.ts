import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Calls, createCalls, type Outcome } from './calls.ts';
import { answerControl } from './control.ts';
import { breakOff, type Exchange, readBody, sendJson } from './exchange.ts';
import { createFaults, type FaultPlan, type Faults } from './faults.ts';
import { randomId } from './ids.ts';
import { createPromptCache } from './prompt-cache.ts';
import { errorBody, injectedError, type Provider, ProviderError } from './provider-error.ts';
import { createRateLimits } from './rate-limits.ts';
import { createRecognizer, type Recognizer } from './recognizer.ts';
import { findRoute, type Parts, type Route } from './routes.ts';
import { findTools, type Tools } from './tools.ts';
import { createVoice, type Voice } from './voice.ts';

export interface SandboxOptions extends Partial<Tools> {
  /** 0 for any free port. */
  port?: number;
  host?: string;
  /** Recogniser processes; each takes one core and 110 MB. */
  workers?: number;
  /** Shortest prefix that prompt caching keeps, in tokens; 1024 as with most real models. */
  cacheMinTokens?: number;
  faults?: FaultPlan;
  /** Another recogniser or voice, for benchmarks that must not measure them. */
  recognizer?: Recognizer;
  voice?: Voice;
  log?: { info(fields: object, message: string): void; error(fields: object, message: string): void };
}

/** A running sandbox. */
export interface Sandbox {
  port: number;
  /** For the Anthropic SDK's `baseURL`. */
  anthropicBaseUrl: string;
  /** For the OpenAI SDK's `baseURL`. */
  openaiBaseUrl: string;
  faults: Faults;
  calls: Calls;
  /** Resolves when speech can be recognised; rejects with the cure where it can't. Everything else works before. */
  ready: Promise<void>;
  stop(): Promise<void>;
}

/** Starts the stand-in for both providers' HTTP APIs on one port; resolves when it listens. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, host = '127.0.0.1', log } = options;
  const found = findTools();
  const recognizer =
    options.recognizer ?? createRecognizer({ python: options.python ?? found.python, workers: options.workers ?? 1 });
  const voice = options.voice ?? createVoice({ flite: options.flite ?? found.flite });
  const promptCache = createPromptCache({ minTokens: options.cacheMinTokens ?? 1024 });
  const parts: Parts = { recognizer, voice, promptCache, ffmpeg: options.ffmpeg ?? found.ffmpeg };
  const faults = createFaults(options.faults);
  const calls = createCalls();
  const rateLimits = createRateLimits();

  const server = createServer((req, res) => {
    const url = URL.parse(req.url ?? '/', 'http://sandbox') ?? new URL('http://sandbox/');
    res.setHeader('x-sandbox', 'true');
    const provider: Provider =
      'anthropic-version' in req.headers || 'x-api-key' in req.headers || url.pathname.startsWith('/v1/messages')
        ? 'anthropic'
        : 'openai';
    const route = findRoute(req.method ?? 'GET', url.pathname, provider);
    if (route) void serve(req, res, url, route);
    else if (url.pathname.startsWith('/v1/')) refuseUnknown(req, res, url, provider);
    else void answerControl(req, res, url.pathname, { faults, calls });
  });
  // NOTE: longer than any client keeps an idle connection, or a request could meet its closing.
  server.keepAliveTimeout = 120_000;

  async function serve(req: IncomingMessage, res: ServerResponse, url: URL, route: Route): Promise<void> {
    const { provider, endpoint } = route;
    const gone = new AbortController();
    const requestId = randomId('req_');
    const call = calls.begin(endpoint);
    const exchange: Exchange = {
      req,
      res,
      url,
      requestId,
      call,
      fault: {},
      body: Buffer.alloc(0),
      signal: gone.signal,
    };
    res.setHeader(provider === 'anthropic' ? 'request-id' : 'x-request-id', requestId);
    for (const [name, value] of rateLimits(provider)) res.setHeader(name, value);
    res.once('close', () => {
      const outcome: Outcome = call.broken
        ? 'broken'
        : !res.writableFinished
          ? 'cancelled'
          : res.statusCode >= 400
            ? 'error'
            : 'ok';
      call.end(res.headersSent ? res.statusCode : null, outcome);
      gone.abort();
    });
    try {
      exchange.body = await readBody(req, route.limitBytes);
      authenticate(req, provider);
      exchange.fault = faults.draw(endpoint);
      if (await carryOn(exchange, provider)) await route.handle(exchange, parts);
    } catch (error) {
      if (gone.signal.aborted || res.destroyed || res.headersSent) return void res.destroy();
      await sendError(exchange, provider, error);
    }
  }

  /** Does to a call what comes before its answer; false when there will be none. */
  async function carryOn(exchange: Exchange, provider: Provider): Promise<boolean> {
    const { fault, signal } = exchange;
    if (fault.latency_ms) await sleep(fault.latency_ms, undefined, { signal });
    if (fault.stall === 'headers' || fault.cut === 'headers') {
      await breakOff(exchange);
      return false;
    }
    if (fault.status || fault.code) throw injectedError(provider, fault.status ?? 429, fault.code, fault.retry_after_s);
    return true;
  }

  async function sendError(exchange: Exchange, provider: Provider, thrown: unknown): Promise<void> {
    const known = thrown instanceof ProviderError;
    const error = known ? thrown : injectedError(provider, 500);
    if (!known) log?.error({ err: thrown, request_id: exchange.requestId }, 'sandbox fault of its own');
    if (error.retryAfterS !== undefined) exchange.res.setHeader('retry-after', String(error.retryAfterS));
    await sendJson({ ...exchange, fault: {} }, error.status, errorBody(provider, error, exchange.requestId));
  }

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const actualPort = (server.address() as AddressInfo).port;
  const base = `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`;
  log?.info({ sandbox: true, url: base }, 'the sandbox stands in for Anthropic and OpenAI: no real provider is asked');
  const ready = recognizer.ready();
  ready.catch((error) => log?.error({ detail: error.message }, 'the sandbox cannot recognise speech'));

  return {
    port: actualPort,
    anthropicBaseUrl: base,
    openaiBaseUrl: `${base}/v1`,
    faults,
    calls,
    ready,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, recognizer.close(), voice.close()]);
    },
  };
}

/** Any key will do, but it must be sent as the provider wants it. */
function authenticate({ headers }: IncomingMessage, provider: Provider): void {
  const bearer = /^Bearer \S/.test(headers.authorization ?? '');
  if (provider === 'openai') {
    if (bearer) return;
    throw new ProviderError(401, "You didn't provide an API key. Send it as a bearer token.", {
      code: 'invalid_api_key',
    });
  }
  if (!headers['x-api-key'] && !bearer) throw new ProviderError(401, 'x-api-key header is required');
  if (!headers['anthropic-version']) throw new ProviderError(400, 'anthropic-version: header is required');
}

function refuseUnknown(req: IncomingMessage, res: ServerResponse, { pathname }: URL, provider: Provider): void {
  const message = provider === 'anthropic' ? 'Not found' : `Invalid URL (${req.method} ${pathname})`;
  const body = errorBody(provider, new ProviderError(404, message), randomId('req_'));
  res.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
