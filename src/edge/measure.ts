import type { RequestHandler } from 'express';
import type { EdgeWatcher } from './watcher.ts';

/** Tells the watcher of a request once: when its answer is out, or as 499 when the client left before. */
export function measure(watcher: EdgeWatcher, endpoint: string): RequestHandler {
  return (req, res, next) => {
    if (res.locals.measured !== true) {
      res.locals.measured = true;
      const start = performance.now();
      const finish = watcher.httpStarted(endpoint);
      res.once('close', () => {
        const status = res.writableFinished ? String(res.statusCode) : '499';
        finish(req.method, status, (performance.now() - start) / 1000);
      });
    }
    next();
  };
}
