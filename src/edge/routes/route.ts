import type { RequestHandler } from 'express';
import { AppError } from '../../errors.ts';

/** One path and what answers on it; every other method gets 405. */
export type Route = {
  /** As Express writes it. */
  path: string;
  /** As the watcher hears it; absent where the watching itself comes in. */
  endpoint?: string;
  /** `token` asks for a token and counts against the limit, `unlimited` only asks for a token, `open` lets everybody in. */
  access: 'token' | 'unlimited' | 'open';
  methods: Partial<Record<'get' | 'post' | 'delete', RequestHandler[]>>;
};

/** 405, or 204 to OPTIONS, with the methods that the path has. */
export function otherMethods(methods: Route['methods']): RequestHandler {
  const names = Object.keys(methods).map((method) => method.toUpperCase());
  const allow = [...names, ...(methods.get ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (req, res) => {
    res.set('Allow', allow);
    if (req.method === 'OPTIONS') {
      res.status(204).end();
      return;
    }
    throw new AppError('bad_input', 'http', `${req.method} is not possible here: use ${allow}.`, { status: 405 });
  };
}

/** 415 for a body of another type, 400 for none, before a parser looks at it. */
export function requireBody(...types: string[]): RequestHandler {
  return (req, _res, next) => {
    const matched = req.is(types);
    // NOTE: a POST without a body still has a length, of 0.
    if (matched === null || (req.get('content-length') === '0' && req.get('content-type') === undefined)) {
      throw new AppError('bad_input', 'http', `The request has no body: send ${types.join(' or ')}.`, { status: 400 });
    }
    if (matched === false) {
      const given = JSON.stringify(req.get('content-type')?.slice(0, 60) ?? '');
      const message = `Content-Type ${given} is not accepted here: send ${types.join(' or ')}.`;
      throw new AppError('bad_input', 'http', message, { status: 415 });
    }
    next();
  };
}

/** What is asked of a session that nobody started, or that was forgotten. */
export function unknownSession(id: string): AppError {
  const message = `No session ${id} is known: check its id, or start it with POST /api/conversation.`;
  return new AppError('not_found', 'http', message);
}
