import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';

const SCOPES = {
  '@opentelemetry/instrumentation-http': 'http',
  '@opentelemetry/instrumentation-express': 'express',
  '@opentelemetry/instrumentation-socket.io': 'socket_io',
  '@opentelemetry/instrumentation-knex': 'knex',
  '@opentelemetry/instrumentation-redis': 'redis',
  '@opentelemetry/instrumentation-undici': 'undici',
  '@opentelemetry/instrumentation-pino': 'pino',
} as const;

export type Check = (typeof SCOPES)[keyof typeof SCOPES] | 'export';

/** Watches what really comes out of each patch: a check is 1 once a span or log line of that instrumentation was seen. */
export function createSelfCheck() {
  const checks = new Map<Check, 0 | 1>([...Object.values(SCOPES), 'export' as const].map((check) => [check, 0]));
  const seen = (scope: string) => {
    const check = SCOPES[scope as keyof typeof SCOPES];
    if (check) checks.set(check, 1);
  };
  const ready = async () => {};
  const spans: SpanProcessor = {
    onStart: (span) => {
      seen(span.instrumentationScope.name);
      // NOTE: Express leaves no span of its own once its layers are ignored; what it does leave is the route.
    },
    onEnd: (span) => {
      if (span.attributes['http.route'] !== undefined) checks.set('express', 1);
    },
    forceFlush: ready,
    shutdown: ready,
  };
  const logs: LogRecordProcessor = {
    onEmit: (record) => seen(record.instrumentationScope.name),
    forceFlush: ready,
    shutdown: ready,
  };
  return {
    spans,
    logs,
    mark: (check: Check, good: boolean) => checks.set(check, good ? 1 : 0),
    readings: () => [...checks].map(([check, value]) => ({ value, labels: { check } })),
  };
}
