import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { ErrorReporter } from '../conversation/watchers.ts';
import { AppError } from '../errors.ts';
import { type Auth, bearer, unauthorized } from './auth.ts';
import type { Limits } from './limits.ts';
import { measure } from './measure.ts';
import { fromThisMachine } from './origin.ts';
import { pageFiles } from './page-files.ts';
import { problemHandler } from './problem.ts';
import { type ConversationDeps, conversationRoute } from './routes/conversation.ts';
import { type ExportDeps, exportRoute } from './routes/export.ts';
import { frontRoute, type Info } from './routes/front.ts';
import { type MemoryDeps, memoryRoutes } from './routes/memory.ts';
import { type OperationsDeps, operationsRoutes } from './routes/operations.ts';
import { otherMethods, type Route } from './routes/route.ts';

const NOT_HERE = 'Without tokens only this machine may ask, as localhost or 127.0.0.1 and from the agent’s own page.';

export type HttpDeps = ConversationDeps &
  MemoryDeps &
  ExportDeps &
  OperationsDeps & { reporter: ErrorReporter; auth: Auth; limits: Limits; info: Info };

/** Everything that is asked over HTTP. Addresses come from the connection: forwarded headers are not believed. */
export function createHttp(deps: HttpDeps): Express {
  const { watcher } = deps;
  const app = express();
  app.disable('etag').set('query parser', 'simple').enable('strict routing').enable('case sensitive routing');
  app.use(secure(), (_req, res, next) => {
    res.set('Permissions-Policy', 'microphone=(self), camera=(), geolocation=()');
    next();
  });

  const routes = [
    conversationRoute(deps),
    ...memoryRoutes(deps),
    exportRoute(deps),
    ...operationsRoutes(deps),
    frontRoute(deps.info, deps.ready),
  ];
  for (const route of routes) {
    if (route.endpoint) app.all(route.path, measure(watcher, route.endpoint));
    if (route.access !== 'open') app.all(route.path, guard(deps, route.access));
    for (const method of ['get', 'post', 'delete'] as const) {
      const handlers = route.methods[method];
      if (handlers) app[method](route.path, ...handlers);
    }
    app.all(route.path, otherMethods(route.methods));
  }

  app.use(pageFiles(measure(watcher, '/page')));
  app.use(measure(watcher, 'other'), guard(deps, 'token'), (req) => {
    throw new AppError(
      'not_found',
      'http',
      `${req.method} ${req.path.slice(0, 200)} is not known: GET / lists what is.`,
    );
  });
  // NOTE: an address that can't be decoded fails before its route, and so before it was measured.
  const measureLate = measure(watcher, 'other');
  app.use(((thrown, req, res, next) => measureLate(req, res, () => next(thrown))) as express.ErrorRequestHandler);
  app.use(problemHandler(deps.reporter));
  return app;
}

/** Lets in who holds a token, as often as the limits allow. Wrong tokens count against their address, so that guessing is slow. */
function guard({ auth, limits }: HttpDeps, access: Route['access']): RequestHandler {
  return async (req, res, next) => {
    res.set('Cache-Control', 'no-store');
    const header = req.get('authorization');
    const holder = auth.holder(bearer(header));
    const address = req.ip ?? 'unknown';
    if (auth.required && holder === undefined) {
      await limits.request(address);
      throw unauthorized('http', header !== undefined);
    }
    if (!auth.required && !fromThisMachine(req)) {
      throw new AppError('unauthorized', 'http', `${NOT_HERE} Set AUTH_TOKENS to open the agent to others.`);
    }
    if (access === 'token') await limits.request(holder ?? address);
    next();
  };
}

/** NOTE: no HSTS and no upgrade of insecure requests: the agent speaks plain HTTP, and whoever ends TLS before it decides. */
function secure(): RequestHandler {
  return helmet({
    strictTransportSecurity: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        // The voice activity model is WebAssembly.
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
  });
}
