import type { Request, Response } from 'express';
import { z } from 'zod';
import type { DatedCapture, Store } from '../../conversation/ports.ts';
import { AppError } from '../../errors.ts';
import { NOTEBOOK_FORMATS, type NotebookFormat, writeNotebook } from '../notebook.ts';
import { notReady } from '../problem.ts';
import { sessionId } from '../protocol.ts';
import { check, kindOf } from '../validate.ts';
import { type Route, unknownSession } from './route.ts';

/** Captures that are read, and held, at a time: a megabyte at most. */
const PAGE = 100;

const asked = z.object({ session_id: sessionId.optional() });

export type ExportDeps = {
  store: Pick<Store, 'captures' | 'session'>;
  /** Aborts when the agent can wait no longer: then a file that is under way is broken off. */
  stopping?: AbortSignal;
};

/** GET /api/export: everything that was said, or one session, as a file. */
export function exportRoute({ store, stopping }: ExportDeps): Route {
  async function answer(req: Request, res: Response): Promise<void> {
    const format = formatOf(req.query.format);
    const { session_id: id } = check(asked, req.query, 'http');
    const of = id === undefined ? {} : { sessionId: id };
    const only = id === undefined ? undefined : await store.session(id);
    if (id !== undefined && !only) throw unknownSession(id);
    // NOTE: read before anything is sent, so that a database which is out of order is still told in words.
    const first = await store.captures(PAGE, of);
    const exportedAt = new Date();
    const name = `learning-${exportedAt.toISOString().slice(0, 10)}.${format.extension}`;
    res.set({ 'Content-Type': format.type, 'Content-Disposition': `attachment; filename="${name}"` });
    if (req.method === 'HEAD') {
      res.end();
      return;
    }
    const pages = pagesFrom(first, (after) => store.captures(PAGE, { ...of, after }));
    await send(res, writeNotebook(format, pages, { exportedAt, ...(only && { only }) }), stopping);
  }
  return { path: '/api/export', endpoint: '/api/export', access: 'token', methods: { get: [answer] } };
}

function formatOf(name: unknown = 'json'): NotebookFormat {
  if (name === 'json' || name === 'markdown') return NOTEBOOK_FORMATS[name];
  const given = typeof name === 'string' ? JSON.stringify(name.slice(0, 60)) : kindOf(name);
  throw new AppError('bad_input', 'http', `format (${given}) is not known: use json or markdown.`);
}

async function* pagesFrom(first: DatedCapture[], next: (after: DatedCapture) => Promise<DatedCapture[]>) {
  let page = first;
  for (;;) {
    yield page;
    const last = page.at(-1);
    if (page.length < PAGE || !last) return;
    page = await next(last);
  }
}

/** Sends piece by piece, the next one when the client has room for it. Throws what the pieces throw; a client that left ends it. */
async function send(res: Response, pieces: AsyncIterable<string>, stopping?: AbortSignal): Promise<void> {
  for await (const piece of pieces) {
    if (stopping?.aborted) throw notReady('http');
    if (!res.destroyed && !res.write(piece)) await roomIn(res);
    if (res.destroyed) return;
  }
  res.end();
}

function roomIn(res: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      res.off('drain', done).off('close', done);
      resolve();
    };
    res.once('drain', done).once('close', done);
  });
}
