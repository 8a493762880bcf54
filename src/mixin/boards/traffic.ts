import { CONFIG } from '../config.ts';
import { recorded } from '../rules/recordings.ts';
import { type Board, levelOf, type Panel, perMinute, q, recordedAs } from './board.ts';

const W = '$__rate_interval';
const NO_AGENT = 'No agent is known yet';
const NO_REQUEST = 'No request in the window';
const { SlowResponseTime: slow } = CONFIG.alerts;

const http: readonly Panel[] = [
  {
    key: 'request-rate',
    title: 'Request rate',
    help: 'HTTP requests a second by route. Probes, scrapes and the agent’s own pushes are not traffic and not in it.',
    kind: 'stacked',
    unit: 'reqps',
    width: 8,
    noValue: NO_AGENT,
    queries: [{ expr: q.rate('http_requests_total', W, { by: ['endpoint'] }), legend: '{{endpoint}}' }],
  },
  {
    key: 'response-time',
    title: 'Response time',
    help: `Median and 95th percentile over all requests. The recorded one looks back ${slow.window} and is what the alert sees; a conversation takes as long as its whole turn.`,
    kind: 'lines',
    unit: 's',
    width: 8,
    noValue: NO_REQUEST,
    alerts: ['SlowResponseTime'],
    thresholds: [levelOf('SlowResponseTime')],
    queries: [
      { expr: q.quantile(0.5, 'http_request_duration_seconds', W), legend: 'p50' },
      { expr: q.quantile(0.95, 'http_request_duration_seconds', W), legend: 'p95' },
      { expr: recordedAs(recorded.slowResponse), legend: `p95 over ${slow.window}` },
    ],
  },
  {
    key: 'request-errors',
    title: 'Error ratio of requests',
    help: 'Share of requests that were answered with 5xx, our fault, and with 4xx, the client’s.',
    kind: 'lines',
    unit: 'percentunit',
    width: 8,
    noValue: NO_REQUEST,
    alerts: ['HighErrorRate'],
    thresholds: [levelOf('HighErrorRate')],
    colours: { '5xx': 'red', '4xx': 'blue' },
    queries: [
      { expr: q.share('http_requests_total', W, { part: { status: /5../ } }), legend: '5xx' },
      { expr: q.share('http_requests_total', W, { part: { status: /4../ } }), legend: '4xx' },
    ],
  },
  {
    key: 'response-time-by-route',
    title: 'Response time by route, p95',
    help: 'Which route is slow: 95th percentile of each.',
    kind: 'lines',
    unit: 's',
    width: 8,
    noValue: NO_REQUEST,
    queries: [
      { expr: q.quantile(0.95, 'http_request_duration_seconds', W, { by: ['endpoint'] }), legend: '{{endpoint}}' },
    ],
  },
  {
    key: 'response-time-heatmap',
    title: 'Response times',
    help: 'How many requests a second took how long: a second band shows what a percentile hides.',
    kind: 'heatmap',
    unit: 's',
    width: 8,
    noValue: NO_REQUEST,
    queries: [{ expr: q.buckets('http_request_duration_seconds', W), legend: '{{le}}' }],
  },
  {
    key: 'requests-by-status',
    title: 'Requests by status',
    help: 'HTTP requests a second by status; 499 is a client that left before its answer.',
    kind: 'stacked',
    unit: 'reqps',
    width: 8,
    noValue: NO_AGENT,
    queries: [{ expr: `${q.rate('http_requests_total', W, { by: ['status'] })} > 0`, legend: '{{status}}' }],
  },
];

const open: readonly Panel[] = [
  {
    key: 'requests-in-progress',
    title: 'Requests in progress',
    help: 'Requests that are being answered now, by route. A line that only rises is a request that never ends.',
    kind: 'stacked',
    unit: 'short',
    width: 6,
    noValue: NO_AGENT,
    queries: [{ expr: q.gauge('sum', 'http_requests_in_progress', { by: ['endpoint'] }), legend: '{{endpoint}}' }],
  },
  {
    key: 'sockets-and-sessions',
    title: 'Active sessions and sockets',
    help: 'Open Socket.IO connections, and sessions that were active within SESSION_ACTIVE_S. More sockets than sessions are learners who are silent.',
    kind: 'lines',
    unit: 'short',
    width: 6,
    noValue: NO_AGENT,
    queries: [
      { expr: q.gauge('sum', 'sessions_active'), legend: 'sessions' },
      { expr: q.gauge('sum', 'websocket_connections_active'), legend: 'sockets' },
    ],
  },
  {
    key: 'messages',
    title: 'Socket messages',
    help: 'Socket.IO events a second by direction and name; acknowledgements are no events.',
    kind: 'stacked',
    unit: 'mps',
    width: 6,
    noValue: NO_AGENT,
    queries: [
      {
        expr: q.rate('websocket_messages_total', W, { by: ['direction', 'message_type'] }),
        legend: '{{direction}} {{message_type}}',
      },
    ],
  },
  {
    key: 'connection-time',
    title: 'Time that sockets stay open',
    help: 'Median and 95th percentile, counted when a connection closes. Seconds where minutes were usual are connections that break.',
    kind: 'lines',
    unit: 's',
    width: 6,
    noValue: 'No connection closed in the window',
    queries: [
      { expr: q.quantile(0.5, 'websocket_connection_duration_seconds', W), legend: 'p50' },
      { expr: q.quantile(0.95, 'websocket_connection_duration_seconds', W), legend: 'p95' },
    ],
  },
];

const errors: readonly Panel[] = [
  {
    key: 'errors-by-kind',
    title: 'Errors by kind',
    help: 'Failures a minute by their kind; bad_input, not_found and unauthorized are the clients’ own.',
    kind: 'stacked',
    unit: 'suffix:/min',
    width: 12,
    noValue: NO_AGENT,
    queries: [{ expr: perMinute(q.rate('errors_total', W, { by: ['error_type'] })), legend: '{{error_type}}' }],
  },
  {
    key: 'error-totals',
    title: 'Errors of the shown time',
    help: 'What failed and how often within the time that is shown.',
    kind: 'table',
    unit: 'short',
    width: 12,
    noValue: 'Nothing failed',
    queries: [
      {
        expr: `sort_desc(${q.increase('errors_total', '$__range', { by: ['component', 'error_type'] })} > 0)`,
        legend: '{{component}} {{error_type}}',
      },
    ],
  },
];

/** What comes in, over HTTP and over sockets. */
export const traffic: Board = {
  uid: 'lva-traffic',
  title: 'Learning voice agent: traffic',
  description: 'Requests, sockets and errors: rate, errors and duration of what comes in.',
  rows: [
    { title: 'HTTP', panels: http },
    { title: 'In progress, and sockets', panels: open },
    { title: 'Errors', panels: errors },
  ],
};
