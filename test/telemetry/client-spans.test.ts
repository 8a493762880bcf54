import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  type Sampler,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { createClientSpans } from '../../src/telemetry/client-spans.ts';

const CLIENT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', isRemote: true };

/** A turn that continues a client's trace, and the spans that came of what the client told. */
function telling(sampler: Sampler | 'off' = new ParentBasedSampler({ root: new AlwaysOnSampler() })) {
  const exporter = new InMemorySpanExporter();
  const processor = new SimpleSpanProcessor({ exporter });
  const resource = resourceFromAttributes({ 'service.name': 'agent' });
  const provider =
    sampler === 'off' ? undefined : new TracerProvider({ sampler, resource, spanProcessors: [processor] });
  const tracer: Tracer = provider?.getTracer('turns') ?? trace.getTracer('nobody');
  const clientSpans = createClientSpans([processor]);
  return {
    clientSpans,
    turn(turnId: string, traceFlags: number = TraceFlags.SAMPLED, parent: object = CLIENT): void {
      const context = trace.setSpanContext(ROOT_CONTEXT, { ...CLIENT, ...parent, traceFlags });
      const attributes = { 'voice.turn.id': turnId, 'gen_ai.conversation.id': 's1' };
      const span = tracer.startSpan('voice.turn', { attributes }, context);
      clientSpans.began(turnId, span);
      span.setAttribute('voice.turn.outcome', 'answered');
    },
    tell: (turnId: string, firstWordMs?: number, firstSoundMs?: number, startedAt = performance.now() - 2_000) =>
      clientSpans.perceived({ turnId, startedAt, firstWordMs, firstSoundMs }),
    sent: () => exporter.getFinishedSpans(),
  };
}

test('the client’s span has the client’s ids, the agent’s resource and clock, and what was perceived', () => {
  const { turn, tell, sent } = telling();
  turn('a');
  const before = Date.now() - 2_000;
  tell('a', 700, 950.5);
  const [span, ...more] = sent();
  assert.ok(span && more.length === 0);
  assert.deepEqual([span.spanContext().traceId, span.spanContext().spanId], [CLIENT.traceId, CLIENT.spanId]);
  assert.equal(span.parentSpanContext, undefined);
  assert.deepEqual(span.attributes, {
    'voice.turn.id': 'a',
    'gen_ai.conversation.id': 's1',
    'voice.client.first_word_ms': 700,
    'voice.client.first_sound_ms': 950.5,
  });
  assert.deepEqual([span.resource.attributes['service.name'], span.instrumentationScope.name], ['agent', 'turns']);
  const start = hrTimeToMilliseconds(span.startTime);
  assert.ok(start >= before - 5 && start <= Date.now() - 2_000, `${start - before} ms late`);
  assert.deepEqual(
    [span.duration, span.endTime, ...span.events.map(({ time }) => time)].map(hrTimeToMilliseconds).map(Math.round),
    [951, start + 950.5, start + 700, start + 950.5].map(Math.round),
  );
});

test('one turn has one, and it does not begin after the turn', () => {
  const { turn, tell, sent } = telling();
  turn('a');
  tell('a', 300, undefined, performance.now() + 60_000);
  tell('a', 300);
  tell('unknown', 300);
  assert.equal(sent().length, 1);
  assert.ok(hrTimeToMilliseconds(sent()[0]?.startTime ?? [0, 0]) <= Date.now());
});

test('what is not recorded of a turn is not sent of its client', () => {
  const cases: [Sampler | 'off' | undefined, number][] = [
    [undefined, TraceFlags.NONE],
    [new AlwaysOnSampler(), TraceFlags.NONE],
    [new AlwaysOffSampler(), TraceFlags.SAMPLED],
    ['off', TraceFlags.SAMPLED],
  ];
  for (const [sampler, flags] of cases) {
    const { turn, tell, sent } = telling(sampler);
    turn('a', flags);
    tell('a', 300);
    assert.deepEqual(sent(), []);
  }
});

test('a trace that can’t be continued has no client', () => {
  const { turn, tell, sent } = telling();
  turn('a', TraceFlags.SAMPLED, { spanId: '0000000000000000' });
  tell('a', 300);
  assert.deepEqual(sent(), []);
});

test('turns that nobody tells of are forgotten in the end; those that are not recorded take no room', () => {
  const { turn, tell, sent } = telling();
  for (let i = 0; i <= 1000; i++) turn(i === 0 ? 'kept' : `${i}`, i === 0 ? TraceFlags.SAMPLED : TraceFlags.NONE);
  tell('kept', 300);
  assert.equal(sent().length, 1);
  for (let i = 0; i <= 1000; i++) turn(`${i}`);
  tell('0', 300);
  assert.equal(sent().length, 1);
  tell('1', 300);
  assert.equal(sent().length, 2);
});
