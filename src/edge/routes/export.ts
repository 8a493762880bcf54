import type { Request, Response } from 'express';
import { z } from 'zod';
import type { DatedCapture, Store } from '../../conversation/ports.ts';
import { AppError } from '../../errors.ts';
import { NOTEBOOK_FORMATS, type NotebookFormat, writeNotebook } from '../notebook.ts';
import { sessionId } from '../protocol.ts';
import { sendPieces } from '../sending.ts';
import { checkQuery, kindOf } from '../validate.ts';
import { type Route, unknownSession } from './route.ts';

/** Captures that are read, and held, at a time. NOTE: of larger pages megabytes were left for the garbage collector, which nobody wakes while a client does not read. */
const PAGE = 25;
/** Files that are under way in this process. */
const MAX_AT_ONCE = 4;
const STALL_MS = 30_000;

const asked = z.object({ format: z.unknown().optional(), session_id: sessionId.optional() });

export type ExportDeps = {
  store: Pick<Store, 'captures' | 'session'>;
  /** Aborts when the agent can wait no longer: then a file that is under way is broken off. */
  stopping?: AbortSignal;
  /** A client that reads nothing of its file for so long loses it, in milliseconds; 30 s unless told. */
  exportStallMs?: number | undefined;
};

/** GET /api/export: everything that was said, or one session, as a file. */
export function exportRoute({ store, stopping, exportStallMs: stallMs = STALL_MS }: ExportDeps): Route {
  let underway = 0;
  async function answer(req: Request, res: Response): Promise<void> {
    if (underway >= MAX_AT_ONCE) throw tooMany();
    underway += 1;
    try {
      await write(req, res);
    } finally {
      underway -= 1;
    }
  }
  async function write(req: Request, res: Response): Promise<void> {
    const { format: name, session_id: id } = checkQuery(asked, req.query);
    const format = formatOf(name);
    const of = id === undefined ? {} : { sessionId: id };
    const only = id === undefined ? undefined : await store.session(id);
    if (id !== undefined && !only) throw unknownSession(id);
    // NOTE: read before anything is sent, so that a database which is out of order is still told in words.
    const first = await store.captures(PAGE, of);
    const exportedAt = new Date();
    const file = `learning-${exportedAt.toISOString().slice(0, 10)}.${format.extension}`;
    res.set({ 'Content-Type': format.type, 'Content-Disposition': `attachment; filename="${file}"` });
    if (req.method === 'HEAD') {
      res.end();
      return;
    }
    const pages = pagesFrom(first, (after) => store.captures(PAGE, { ...of, after }));
    await sendPieces(res, writeNotebook(format, pages, { exportedAt, ...(only && { only }) }), { stallMs, stopping });
  }
  return { path: '/api/export', endpoint: '/api/export', access: 'token', methods: { get: [answer] } };
}

function tooMany(): AppError {
  const message = `${MAX_AT_ONCE} files are being sent, and no more at once: ask again in 5 s.`;
  return new AppError('rate_limited', 'http', message, { retryAfterS: 5 });
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
