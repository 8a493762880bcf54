import { type Attributes, context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Provider } from '../../conversation/ports.ts';
import { Cancelled, type Component, toAppError } from '../../errors.ts';
import type { Telemetry } from '../sdk.ts';

export type Call = {
  operation: 'chat' | 'transcription' | 'speech';
  provider: Provider;
  model: string;
  component: Component;
};

/** One provider call under watch. `run` makes its span the active one; `finish` is told once how it ended, and by whom. */
export type WatchedCall = {
  span: Span;
  run<T>(work: () => T): T;
  seconds(): number;
  finish(failure?: unknown, signal?: AbortSignal): 'success' | 'error';
};

/**
 * Opens a client span and, at the end, records `gen_ai.client.operation.duration` and `api_errors_total`.
 * What the learner broke off is no error of the provider's: it counts as success.
 * Names: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
export function watchCall({ instruments, tracer }: Telemetry, call: Call, attributes: Attributes = {}): WatchedCall {
  const labels = {
    'gen_ai.operation.name': call.operation,
    'gen_ai.provider.name': call.provider,
    'gen_ai.request.model': call.model,
  };
  const span = tracer.startSpan(`${call.operation} ${call.model}`, {
    kind: SpanKind.CLIENT,
    attributes: { ...labels, ...attributes },
  });
  const active = trace.setSpan(context.active(), span);
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  return {
    span,
    run: (work) => context.with(active, work),
    seconds,
    finish(failure, signal) {
      const brokenOff = signal?.reason instanceof Cancelled || failure instanceof Cancelled;
      const error = failure === undefined || brokenOff ? undefined : toAppError(failure, call.component);
      if (error) {
        instruments.api_errors_total.add(1, { provider: call.provider, error_type: error.kind });
        span.setAttribute('error.type', error.kind);
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      }
      instruments['gen_ai.client.operation.duration'].record(seconds(), {
        ...labels,
        ...(error && { 'error.type': error.kind }),
      });
      span.end();
      return error ? 'error' : 'success';
    },
  };
}
