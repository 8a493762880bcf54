import { context, propagation, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { type Outcome, STAGES } from '../../conversation/ports.ts';
import type { TurnFacts, TurnWatcher } from '../../conversation/watchers.ts';
import type { Telemetry } from '../sdk.ts';

/** Watches turns: one trace each, a span around each stage, and at the end every number that only the domain knows. */
export function watchTurns(telemetry: Telemetry, options: { firstResponseLimitS: number }): TurnWatcher {
  const { tracer } = telemetry;
  return {
    around({ turnId, sessionId, traceparent }, body) {
      const parent = traceparent ? propagation.extract(ROOT_CONTEXT, { traceparent }) : context.active();
      const attributes = { 'voice.turn.id': turnId, 'gen_ai.conversation.id': sessionId };
      return tracer.startActiveSpan('voice.turn', { attributes }, parent, (span) => {
        if (traceparent) telemetry.clientSpans.began(turnId, span);
        return ending(span, body);
      });
    },
    stage: (stage, body) => tracer.startActiveSpan(`turn.${stage}`, (span) => ending(span, body)),
    ended: (facts) => record(telemetry, facts, options.firstResponseLimitS),
  };
}

async function ending<T>(span: Span, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (thrown) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: thrown instanceof Error ? thrown.message : 'failed' });
    throw thrown;
  } finally {
    span.end();
  }
}

function record({ instruments, outliers }: Telemetry, facts: TurnFacts, limitS: number): void {
  const { outcome, timings, costs } = facts;
  const seconds = timings.total / 1000;
  trace.getActiveSpan()?.setAttribute('voice.turn.outcome', outcome);
  instruments.voice_turns_total.add(1, { outcome });
  instruments.voice_turn_duration_seconds.record(seconds, { outcome });
  outliers.offer('voice_turn_duration_seconds', seconds);
  for (const stage of STAGES) {
    const ms = timings.stages[stage];
    if (ms > 0) instruments.voice_turn_stage_duration_seconds.record(ms / 1000, { stage });
  }
  const { firstText, firstSound } = timings;
  if (firstText !== null) instruments.voice_turn_first_response_seconds.record(firstText / 1000, { kind: 'text' });
  if (firstSound !== null) instruments.voice_turn_first_response_seconds.record(firstSound / 1000, { kind: 'sound' });
  const verdict = sloVerdict(facts, limitS);
  if (verdict) instruments.voice_slo_turns_total.add(1, { verdict });
  for (const { provider, usd } of costs) {
    if (usd === null) instruments.api_cost_unpriced_total.add(1, { provider });
    else instruments.api_cost_total.add(usd, { provider });
  }
  if (facts.intent) instruments.conversation_exchanges_total.add(1, { intent: facts.intent });
  if (facts.quality !== undefined) instruments.conversation_quality_score.record(facts.quality);
}

const NEITHER: ReadonlySet<Outcome> = new Set(['refused', 'empty']);

/** Good: answered with its first response inside the limit. What the learner broke off or left empty, and what a limit refused, is neither. */
export function sloVerdict(facts: TurnFacts, limitS: number): 'good' | 'bad' | undefined {
  if (NEITHER.has(facts.outcome) || (facts.outcome === 'interrupted' && facts.byLearner)) return undefined;
  const first = facts.timings.firstText;
  return facts.outcome === 'answered' && first !== null && first <= limitS * 1000 ? 'good' : 'bad';
}
