import { CONFIG } from '../config.ts';
import { type Pace, seconds } from '../pace.ts';
import type { Duration } from '../promql.ts';
import { limits, q, type RecordingRule } from './rule.ts';

/** What boards and alerts share. All ratios are 0 to 1, and have no sample while nothing happened. */
export const recorded = {
  requestsFailed: `job:http_requests_failed:ratio_rate${limits.HighErrorRate.window}`,
  turnsFailed: `job:voice_turns_failed:ratio_rate${limits.HighErrorRate.window}`,
  claudeFailed: `job_model:claude_api_calls_failed:ratio_rate${limits.ClaudeAPIFailures.window}`,
  whisperFailed: `job:whisper_api_calls_failed:ratio_rate${limits.WhisperAPIFailures.window}`,
  cacheHits: `job:cache_hits:ratio_rate${limits.LowCacheHitRatio.window}`,
  slowResponse: `job:http_request_duration_seconds:p${limits.SlowResponseTime.quantile * 100}_${limits.SlowResponseTime.window}`,
  monthlyCost: `job:api_cost_usd_month:rate${limits.HighAPICosts.window}`,
} as const;

/** The share of bad turns over a window: one recording for each window of the SLO. */
export const badTurns = (window: Duration): string => `job:voice_slo_bad:ratio_rate${window}`;

const MONTH_S = 30 * 24 * 3600;

/** NOTE: the names tell the shipped windows; a drill's are shorter under the same names. */
export function trafficRecordings({ window }: Pace): RecordingRule[] {
  const { HighErrorRate: errors, SlowResponseTime: slow } = limits;
  return [
    {
      record: recorded.requestsFailed,
      expr: q.share('http_requests_total', window(errors.window), { part: { status: /5../ } }),
    },
    {
      record: recorded.turnsFailed,
      expr: q.share('voice_turns_total', window(errors.window), { part: { outcome: 'failed' } }),
    },
    {
      record: recorded.slowResponse,
      // NaN while idle; nothing is above nothing.
      expr: `${q.quantile(slow.quantile, 'http_request_duration_seconds', window(slow.window))} > 0`,
    },
  ];
}

export function dependencyRecordings({ window }: Pace): RecordingRule[] {
  const {
    ClaudeAPIFailures: claude,
    WhisperAPIFailures: whisper,
    LowCacheHitRatio: cache,
    HighAPICosts: costs,
  } = limits;
  return [
    {
      record: recorded.claudeFailed,
      expr: q.share('claude_api_calls_total', window(claude.window), {
        part: { status: 'error' },
        by: ['job', 'model'],
      }),
    },
    {
      record: recorded.whisperFailed,
      expr: q.share('whisper_api_calls_total', window(whisper.window), { part: { status: 'error' } }),
    },
    {
      record: recorded.cacheHits,
      expr: q.share('cache_operations_total', window(cache.window), {
        where: { operation: 'get' },
        part: { status: 'hit' },
        whole: { status: ['hit', 'miss'] },
      }),
    },
    { record: recorded.monthlyCost, expr: `${q.rate('api_cost_total', window(costs.window))} * ${MONTH_S}` },
  ];
}

/** The windows of all burn rates, each once, shortest first. */
export const SLO_WINDOWS: Duration[] = [
  ...new Set<Duration>(CONFIG.slo.burn.flatMap(({ long, short }) => [long, short])),
].sort((a, b) => seconds(a) - seconds(b));

export const sloRecordings = ({ window }: Pace): RecordingRule[] =>
  SLO_WINDOWS.map((each) => ({
    record: badTurns(each),
    expr: q.share('voice_slo_turns_total', window(each), { part: { verdict: 'bad' } }),
  }));
