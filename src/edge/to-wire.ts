import type { BudgetState, SessionSummary, Spending, TurnResult } from '../conversation/conversation.ts';
import type { Timings } from '../conversation/ports.ts';
import type { AppError } from '../errors.ts';
import type { WireBudget, WireProblem, WireReply, WireSummary, WireTimings } from './protocol.ts';

function toWireTimings(timings: Timings): WireTimings {
  return {
    total_ms: timings.total,
    first_text_ms: timings.firstText,
    first_sound_ms: timings.firstSound,
    stages_ms: timings.stages,
  };
}

/** A budget as clients see it. */
export function toWireBudget({ session, month }: BudgetState): WireBudget {
  const wire = ({ spentUsd, limitUsd }: Spending) => ({ spent_usd: spentUsd, limit_usd: limitUsd });
  return { session: wire(session), month: wire(month) };
}

/** A turn's result as both doors send it. */
export function toWireReply(result: TurnResult): WireReply {
  return {
    session_id: result.sessionId,
    turn_id: result.turnId,
    user_text: result.userText,
    agent_text: result.agentText,
    intent: result.intent,
    timestamp: result.timestamp.toISOString(),
    interrupted: result.interrupted,
    cost_usd: result.costUsd,
    timings: toWireTimings(result.timings),
    budget: toWireBudget(result.budget),
    ...(result.speechProblem === undefined ? {} : { speech_problem: result.speechProblem }),
    ...(result.budgetWarning === undefined ? {} : { budget_warning: result.budgetWarning }),
  };
}

/** An error as a socket hears it; the extra members of a failed turn come along. */
export function toWireProblem(error: AppError): WireProblem {
  return {
    ...error.extra,
    kind: error.kind,
    message: error.message,
    ...(error.retryAfterS === undefined ? {} : { retry_after_s: error.retryAfterS }),
  };
}

/** A session's summary as `session:end` is answered. */
export function toWireSummary(summary: SessionSummary): WireSummary {
  return {
    exchanges: summary.exchanges,
    topics: summary.topics,
    remember: summary.remember,
    duration_s: summary.durationS,
  };
}
