import { fileURLToPath } from 'node:url';
import type { RequestHandler } from 'express';
import { REVALIDATE } from '../page-files.ts';
import { pageModules } from '../page-modules.ts';
import type { Route } from './route.ts';

const PAGE = fileURLToPath(new URL('../../page', import.meta.url));

const ENDPOINTS = {
  conversation: 'POST /api/conversation',
  search: 'POST /api/search',
  stats: 'GET /api/stats',
  sessions: 'GET /api/sessions',
  history: 'GET /api/session/{id}/history',
  forget: 'DELETE /api/session/{id}',
  export: 'GET /api/export',
  metrics: 'GET /metrics',
  metrics_json: 'GET /api/metrics',
  health: 'GET /api/health',
  live: 'GET /livez',
  ready: 'GET /readyz',
  socket: '/socket.io/',
};

export type Info = { service: string; version: string; providers: 'live' | 'sandbox' };

/** GET /: the page for a browser, and for everybody else what this is and where its doors are. */
export function frontRoute(info: Info, ready: () => boolean): Route {
  const preload = pageModules().preload.map((url) => `<${url}>; rel=modulepreload`);
  const front: RequestHandler = (req, res) => {
    res.vary('Accept');
    if (req.accepts(['json', 'html']) === 'html') {
      res.set('Link', preload.join(', '));
      res.sendFile('index.html', { root: PAGE, headers: REVALIDATE, cacheControl: false });
      return;
    }
    res.json({ status: ready() ? 'ok' : 'not_ready', ...info, endpoints: ENDPOINTS });
  };
  return { path: '/', endpoint: '/', access: 'open', methods: { get: [front] } };
}
