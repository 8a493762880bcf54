import type { Response } from 'express';
import { AppError } from '../errors.ts';
import { notReady } from './problem.ts';

export type SendingOptions = {
  /** A client that takes nothing for so long has its answer broken off, in milliseconds. */
  stallMs: number;
  /** Aborts when the agent can wait no longer. */
  stopping?: AbortSignal | undefined;
};

/**
 * Sends a text piece by piece, the next one when the client has room for it, and resolves when all of it is out or the
 * client has left. Throws what the pieces throw, and `timeout` where nobody reads.
 */
export async function sendPieces(
  res: Response,
  pieces: AsyncIterable<string>,
  { stallMs, stopping }: SendingOptions,
): Promise<void> {
  for await (const piece of pieces) {
    if (stopping?.aborted) throw notReady('http');
    if (!res.destroyed && !res.write(piece)) await taken(res, 'drain', stallMs);
    if (res.destroyed) return;
  }
  const out = taken(res, 'finish', stallMs);
  res.end();
  await out;
}

/** Resolves when what was written has gone out, or the client has. */
function taken(res: Response, event: 'drain' | 'finish', stallMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      res.off(event, done).off('close', done);
    };
    const done = () => {
      over();
      resolve();
    };
    const timer = setTimeout(() => {
      over();
      reject(stalled(stallMs));
    }, stallMs);
    res.once(event, done).once('close', done);
  });
}

/** NOTE: with the status of a client that left, for it is no failure of ours. */
function stalled(stallMs: number): AppError {
  const message = `Nothing of the file was read for ${stallMs / 1000} s, and it was broken off: ask for it again.`;
  return new AppError('timeout', 'http', message, { status: 499 });
}
