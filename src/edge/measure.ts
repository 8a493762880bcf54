import type { RequestHandler } from 'express';
import type { EdgeWatcher } from './watcher.ts';

/** Tells the watcher of a request once: when its answer is out; as 499 when the client left before, or as the failure that broke the answer off. */
export function measure(watcher: EdgeWatcher, endpoint: string): RequestHandler {
  return (req, res, next) => {
    if (res.locals.measured !== true) {
      res.locals.measured = true;
      const start = performance.now();
      const finish = watcher.httpStarted(endpoint);
      res.once('close', () => {
        const broken = res.locals.brokenOff ?? '499';
        const status = String(res.writableFinished ? res.statusCode : broken);
        finish(req.method, status, (performance.now() - start) / 1000);
      });
    }
    next();
  };
}
