import { type Attributes, type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { hrTimeDuration, hrTimeToMilliseconds, millisToHrTime } from '@opentelemetry/core';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { PerceivedTurn } from '../conversation/watchers.ts';

/** Turns whose client may still tell what it perceived. */
const MAX_KEPT = 1000;

/**
 * Speaks for clients that have no exporter of their own, as a page: without their span each trace would begin with one
 * that nobody ever sees.
 */
export interface ClientSpans {
  /** A turn's span that continues a client's. */
  began(turnId: string, span: Span): void;
  /** Sends the client's span, from the end of speech to the last of what was first perceived. Once a turn. */
  perceived(turn: PerceivedTurn): void;
}

/**
 * NOTE: a client's span has an id that another process chose, so no tracer can start it: it is made by hand, after the
 * turn's own span, and given to `processors`. Where the turn's is not recorded (the client's sampled flag, a sampler,
 * OTEL_SDK_DISABLED), neither is the client's.
 */
export function createClientSpans(processors: readonly SpanProcessor[]): ClientSpans {
  const turns = new Map<string, ReadableSpan>();
  return {
    began(turnId, span) {
      if (!span.isRecording()) return;
      turns.set(turnId, span as Span & ReadableSpan);
      const [oldest] = turns.keys();
      if (turns.size > MAX_KEPT && oldest !== undefined) turns.delete(oldest);
    },
    perceived(told) {
      const turn = turns.get(told.turnId);
      turns.delete(told.turnId);
      const span = turn && clientSpan(turn, told);
      if (span) for (const processor of processors) processor.onEnd(span);
    },
  };
}

function clientSpan(turn: ReadableSpan, told: PerceivedTurn): ReadableSpan | undefined {
  const { parentSpanContext: context, resource, instrumentationScope } = turn;
  if (!context) return undefined;
  const { startedAt, firstWordMs, firstSoundMs } = told;
  // NOTE: two clocks that count whole milliseconds may put a child before its parent.
  const start = Math.min(Date.now() - (performance.now() - startedAt), hrTimeToMilliseconds(turn.startTime));
  const moments = Object.entries({ first_word: firstWordMs, first_sound: firstSoundMs }).filter(isKnown);
  const startTime = millisToHrTime(start);
  const endTime = millisToHrTime(start + Math.max(...moments.map(([, ms]) => ms)));
  return {
    name: 'voice.client.turn',
    kind: SpanKind.CLIENT,
    spanContext: () => context,
    startTime,
    endTime,
    duration: hrTimeDuration(startTime, endTime),
    ended: true,
    status: { code: SpanStatusCode.UNSET },
    attributes: {
      ...picked(turn.attributes, ['voice.turn.id', 'gen_ai.conversation.id']),
      ...Object.fromEntries(moments.map(([name, ms]) => [`voice.client.${name}_ms`, ms])),
    },
    events: moments.map(([name, ms]) => ({ name, time: millisToHrTime(start + ms) })),
    links: [],
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

const isKnown = (moment: [string, number | undefined]): moment is [string, number] => moment[1] !== undefined;

const picked = (attributes: Attributes, names: string[]): Attributes =>
  Object.fromEntries(names.map((name) => [name, attributes[name]]));
