import { COMPONENTS, ERROR_KINDS } from '../../errors.ts';
import { counter, histogram, updown } from './define.ts';

/** Route templates; whatever matches none is `other`. Watching is not traffic: /metrics, /api/metrics, /api/health, /livez and /readyz are not here. */
export const ENDPOINTS = [
  '/',
  '/api/conversation',
  '/api/search',
  '/api/stats',
  '/api/sessions',
  '/api/session/{id}/history',
  '/api/session/{id}',
  '/api/export',
  '/page',
  'other',
] as const;

export const METHODS = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'other'] as const;

/** 499: the client left before the answer. Anything else that a library may send is `other`. */
export const STATUSES = [
  '200',
  '204',
  '304',
  '400',
  '401',
  '402',
  '404',
  '405',
  '413',
  '415',
  '422',
  '429',
  '499',
  '500',
  '502',
  '503',
  '504',
  'other',
] as const;

/** Socket.IO events that a client may send; another name is `other`. */
export const FROM_CLIENT = [
  'session:start',
  'audio',
  'audio:end',
  'text',
  'interrupt',
  'heard',
  'session:end',
  'other',
] as const;
/** Socket.IO events that the agent sends. */
export const TO_CLIENT = ['transcript', 'reply:delta', 'speech', 'reply', 'problem'] as const;

const route = (endpoint: (typeof ENDPOINTS)[number], method: (typeof METHODS)[number], statuses: string) =>
  statuses.split(' ').map((status) => ({ endpoint, method, status: status as (typeof STATUSES)[number] }));

/** HTTP, sockets, errors. */
export const traffic = {
  http_requests_total: counter({
    help: 'HTTP requests that were answered, by route template, method and status.',
    unit: '{request}',
    labels: { endpoint: ENDPOINTS, method: METHODS, status: STATUSES },
    zero: [
      ...route('/', 'GET', '200 304'),
      ...route('/page', 'GET', '200 304 404'),
      ...route('/api/conversation', 'POST', '200 400 401 402 413 415 422 429 499 500 502 503 504'),
      ...route('/api/search', 'POST', '200 400 401 422 429 500 503'),
      ...route('/api/stats', 'GET', '200 401 429 500 503'),
      ...route('/api/sessions', 'GET', '200 401 422 429 500 503'),
      ...route('/api/session/{id}/history', 'GET', '200 400 401 404 422 429 500 503'),
      ...route('/api/session/{id}', 'DELETE', '204 400 401 404 422 429 500 503'),
      ...route('/api/export', 'GET', '200 400 401 404 422 429 499 500 503'),
      ...route('other', 'GET', '401 404 429'),
    ],
  }),
  http_request_duration_seconds: histogram({
    help: 'Time from the head of an HTTP request to the end of its answer.',
    unit: 's',
    labels: { endpoint: ENDPOINTS, method: METHODS },
    buckets: [0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  }),
  http_requests_in_progress: updown({
    help: 'HTTP requests that are being answered now.',
    unit: '{request}',
    labels: { endpoint: ENDPOINTS },
  }),
  websocket_connections_active: updown({ help: 'Socket.IO connections that are open now.', unit: '{connection}' }),
  websocket_messages_total: counter({
    help: 'Socket.IO events received and sent; acknowledgements are not events.',
    unit: '{message}',
    labels: { direction: ['received', 'sent'], message_type: [...FROM_CLIENT, ...TO_CLIENT] },
    zero: [
      ...FROM_CLIENT.map((message_type) => ({ direction: 'received', message_type }) as const),
      ...TO_CLIENT.map((message_type) => ({ direction: 'sent', message_type }) as const),
    ],
  }),
  websocket_connection_duration_seconds: histogram({
    help: 'How long Socket.IO connections were open, recorded when they close.',
    unit: 's',
    buckets: [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
  }),
  errors_total: counter({
    help: 'Failures, each counted once where it was handled, by kind and by the component that failed.',
    unit: '{error}',
    labels: { error_type: ERROR_KINDS, component: COMPONENTS },
  }),
};
