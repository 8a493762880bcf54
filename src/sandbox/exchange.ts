import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './calls.ts';
import type { Fault } from './faults.ts';
import { ProviderError } from './provider-error.ts';

/** One request on its way through the sandbox. */
export interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
  url: URL;
  body: Buffer;
  requestId: string;
  call: Call;
  fault: Fault;
  /** Aborted as soon as the client has gone or the sandbox stops. */
  signal: AbortSignal;
}

/** Reads a request body; past the limit the rest is thrown away and a 413 is thrown once the client has sent it. */
export async function readBody(req: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limitBytes) chunks.push(chunk);
  }
  if (size <= limitBytes) return Buffer.concat(chunks, size);
  throw new ProviderError(413, `413: Maximum content size limit (${limitBytes}) exceeded (${size} bytes read)`);
}

/** Sends a whole body, or the half of it that the fault allows. */
export async function send(exchange: Exchange, status: number, type: string, body: string | Buffer): Promise<void> {
  const { res, fault } = exchange;
  const bytes = Buffer.from(body as string);
  res.writeHead(status, { 'content-type': type, 'content-length': bytes.length });
  if (fault.stall !== 'body' && fault.cut !== 'body') {
    res.end(bytes);
    return;
  }
  res.write(bytes.subarray(0, bytes.length >> 1));
  await breakOff(exchange);
}

export function sendJson(exchange: Exchange, status: number, value: unknown): Promise<void> {
  return send(exchange, status, 'application/json', JSON.stringify(value));
}

const TIME_TO_ARRIVE_MS = 20;

/** Carries out a stall (until the client gives up) or a cut, after letting what was written reach the client. */
export async function breakOff({ res, fault, call, signal }: Exchange): Promise<void> {
  if (fault.cut) {
    call.broken = true;
    if (res.headersSent) await sleep(TIME_TO_ARRIVE_MS);
    res.destroy();
    return;
  }
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
