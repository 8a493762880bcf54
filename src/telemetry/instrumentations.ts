import type { IncomingMessage } from 'node:http';
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { AggregationType, type ViewOptions } from '@opentelemetry/sdk-metrics';

const ENABLED = ['express', 'socket.io', 'knex', 'redis', 'undici', 'pino', 'runtime-node'];

/** Paths that watch the agent: they leave no span and no sample. */
const WATCHING = new Set(['/metrics', '/api/metrics', '/api/health', '/livez', '/readyz']);

/** Everything that is patched: HTTP, Express, Socket.IO, knex, Redis, fetch, pino, and Node's runtime. */
export function instrumentations(): Instrumentation[] {
  process.env.OTEL_NODE_ENABLED_INSTRUMENTATIONS ??= ENABLED.join(',');
  return [
    ...getNodeAutoInstrumentations({
      '@opentelemetry/instrumentation-express': {
        // NOTE: a span per middleware is noise; http.route on the server span stays.
        ignoreLayersType: ['middleware', 'router', 'request_handler'] as never[],
      },
      '@opentelemetry/instrumentation-knex': { requireParentSpan: true },
      '@opentelemetry/instrumentation-redis': {
        requireParentSpan: true,
        // NOTE: a command's arguments are the learner's words.
        dbStatementSerializer: (command) => command,
      },
      '@opentelemetry/instrumentation-undici': { requireParentforSpans: true },
      // NOTE: a span per chunk of audio would be thirty traces a turn; what a learner perceived is told in the turn's own trace.
      '@opentelemetry/instrumentation-socket.io': {
        onIgnoreEventList: ['audio', 'heard'],
        emitIgnoreEventList: ['reply:delta', 'speech'],
      },
    }),
    // NOTE: taken from the meta package, it would be enabled twice and double every outgoing request.
    new HttpInstrumentation({
      enabled: false,
      ignoreIncomingRequestHook: ({ url = '' }: IncomingMessage) => WATCHING.has(url.split('?', 1)[0] as string),
      requireParentforOutgoingSpans: true,
    }),
  ];
}

const drop = { type: AggregationType.DROP } as const;

/** What must not be exported: our own pushes, and gauges whose reading resets them (a scrape would rob the push). */
export const views: ViewOptions[] = [
  {
    meterName: '@opentelemetry/instrumentation-http',
    instrumentName: 'http.client.request.duration',
    aggregation: drop,
  },
  { instrumentName: 'nodejs.eventloop.utilization', aggregation: drop },
  { instrumentName: 'nodejs.eventloop.delay.*', aggregation: drop },
];
