import { createHash, type Hash } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, type Response, type Router } from 'express';
import { pageModules } from './page-modules.ts';
import { otherMethods } from './routes/route.ts';

/** NOTE: URLs carry no version, so a browser asks each time whether its copy is still the one. */
export const REVALIDATE = { 'Cache-Control': 'no-cache' };

const PREFIXES = ['/page', '/client', '/listening', '/vendor'];
const refuse = otherMethods({ get: [] });

/**
 * The page's scripts, styles and packages; `watched` measures what belongs to it. NOTE: one route a prefix, since the
 * server's own metrics have a series for each route.
 */
export function pageFiles(watched: RequestHandler): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  const files = senders();
  router.use(PREFIXES, watched);
  for (const prefix of PREFIXES) {
    // NOTE: `all`, for the router would answer OPTIONS of files that are not there, too.
    router.all(`${prefix}/*file`, async (req, res, next) => {
      const sender = files.get(req.path);
      if (!sender) next();
      else if (req.method === 'GET' || req.method === 'HEAD') await sender(res);
      else refuse(req, res, next);
    });
  }
  return router;
}

type Sender = (res: Response) => void | Promise<void>;

/** What sends each file, by URL. */
function senders(): Map<string, Sender> {
  const { scripts, files } = pageModules();
  const all = new Map<string, Sender>();
  for (const [url, code] of scripts) {
    const headers = { ...REVALIDATE, ETag: etagOf(code) };
    all.set(url, (res) => {
      res.set(headers).type('text/javascript').send(code);
    });
  }
  for (const [url, file] of [...files, ...looks()]) {
    const etag = etagOfFile(file);
    all.set(url, async (res) => {
      const tag = await etag();
      if (file.endsWith('.mjs')) res.type('text/javascript');
      res.set({ ...REVALIDATE, ETag: tag });
      send(res, file);
    });
  }
  return all;
}

const send = (res: Response, file: string) =>
  res.sendFile(file, { cacheControl: false, lastModified: false, acceptRanges: false });

/** Styles and icon by URL. */
function looks(): [url: string, file: string][] {
  const styles = readdirSync(pathOf('styles')).map((name) => `styles/${name}`);
  return [...styles, 'icon.svg'].map((name) => [`/page/${name}`, pathOf(name)]);
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../page/${name}`, import.meta.url));
}

const etagOf = (content: string): string => quoted(createHash('sha256').update(content));
const quoted = (hash: Hash): string => `"${hash.digest('base64url')}"`;

/**
 * Tells a file's entity tag; the file is read when it is first asked for, in pieces, since others wait meanwhile, and not
 * again unless that failed. NOTE: by content, for what npm unpacks is of the same date in every version.
 */
export function etagOfFile(file: string): () => Promise<string> {
  let tag: Promise<string> | undefined;
  async function read(): Promise<string> {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    return quoted(hash);
  }
  return () => {
    tag ??= read().catch((thrown) => {
      tag = undefined;
      throw thrown;
    });
    return tag;
  };
}
