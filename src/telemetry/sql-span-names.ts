import type { SpanProcessor } from '@opentelemetry/sdk-trace';

const KNEX = '@opentelemetry/instrumentation-knex';

/**
 * Names SQL spans by operation and table. NOTE: knex' instrumentation puts the database's file path between them, which
 * would tell the machine's folders to whoever sees traces, and become a label of the span metrics.
 */
export const sqlSpanNames: SpanProcessor = {
  onStart(span) {
    if (span.instrumentationScope.name !== KNEX) return;
    const { 'db.operation.name': operation, 'db.collection.name': table } = span.attributes;
    span.updateName([operation, table].filter(Boolean).join(' ') || 'sql');
    span.setAttribute('db.namespace', 'agent');
  },
  onEnd() {},
  forceFlush: async () => {},
  shutdown: async () => {},
};
