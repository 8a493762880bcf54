import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Outlier } from './outliers.ts';
import { createSnapshot } from './snapshot.ts';

/** The body of `GET /api/metrics`: what was collected, folded for people. Counts are read from counters only. */
export function metricsReport(
  metrics: ResourceMetrics,
  facts: {
    application: { name: string; version: string };
    month: { spentUsd: number; limitUsd: number };
    outliers: Outlier[];
  },
) {
  const snapshot = createSnapshot(metrics);
  return {
    timestamp: new Date().toISOString(),
    application: facts.application,
    requests: { total: snapshot.sum('http_requests_total'), in_progress: snapshot.sum('http_requests_in_progress') },
    sessions: { active: snapshot.sum('sessions_active'), total: snapshot.sum('sessions_total') },
    websockets: { active: snapshot.sum('websocket_connections_active') },
    errors: { total: snapshot.sum('errors_total') },
    external_apis: {
      claude: {
        calls: snapshot.sum('claude_api_calls_total'),
        errors: snapshot.sum('claude_api_calls_total', { status: 'error' }),
        p95_s: snapshot.quantile('claude_api_duration_seconds', 0.95),
      },
      whisper: {
        calls: snapshot.sum('whisper_api_calls_total'),
        errors: snapshot.sum('whisper_api_calls_total', { status: 'error' }),
        p95_s: snapshot.quantile('whisper_api_duration_seconds', 0.95),
      },
    },
    cache: { hit_ratio: snapshot.value('cache_hit_ratio') },
    costs: {
      total_usd: snapshot.sum('api_cost_total'),
      by_provider: snapshot.by('api_cost_total', 'provider'),
      month_usd: facts.month.spentUsd,
      budget_usd: facts.month.limitUsd,
    },
    turns: {
      total: snapshot.sum('voice_turns_total'),
      by_outcome: snapshot.by('voice_turns_total', 'outcome'),
      p50_s: snapshot.quantile('voice_turn_duration_seconds', 0.5),
      p95_s: snapshot.quantile('voice_turn_duration_seconds', 0.95),
    },
    outliers: facts.outliers,
  };
}
export type MetricsReport = ReturnType<typeof metricsReport>;
