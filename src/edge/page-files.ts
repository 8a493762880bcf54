import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, type Response, type Router } from 'express';
import { pageModules } from './page-modules.ts';

/** NOTE: URLs carry no version, so a browser asks each time whether its copy is still the one. */
export const REVALIDATE = { 'Cache-Control': 'no-cache' };

/** The page's scripts, styles and packages; `watched` measures what belongs to it. */
export function pageFiles(watched: RequestHandler): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  router.use(['/page', '/client', '/listening', '/vendor'], watched);
  const { scripts, files } = pageModules();
  for (const [url, code] of scripts) {
    const etag = etagOf(code);
    router.get(url, (_req, res) => {
      res
        .set({ ...REVALIDATE, ETag: etag })
        .type('text/javascript')
        .send(code);
    });
  }
  for (const [url, file] of [...files, ...looks()]) {
    // NOTE: by content, once: what npm unpacks is of the same date in every version.
    let etag: string | undefined;
    router.get(url, (_req, res) => {
      etag ??= etagOf(readFileSync(file));
      if (file.endsWith('.mjs')) res.type('text/javascript');
      res.set({ ...REVALIDATE, ETag: etag });
      send(res, file);
    });
  }
  return router;
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

function etagOf(content: string | Buffer): string {
  return `"${createHash('sha256').update(content).digest('base64url')}"`;
}
