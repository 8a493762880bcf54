import type { Duration } from './promql.ts';

/**
 * Every threshold, window and wait of the rules and boards, and nothing else has any: change a line, run
 * `npm run generate`, and rules, boards and their lines move together. `window` is what an alert looks back on, `for` how
 * long its condition must hold. Guards (`atLeast`) count events in the window, so that one stray failure pages nobody.
 */
export const CONFIG = {
  /** Where operators reach Grafana: alerts link to its boards. (Alerts link to the runbook through Prometheus' own address.) */
  grafana: 'http://localhost:3000',

  /**
   * The agents' OTEL_SERVICE_NAME. Every rule selects it as job, with or without the `namespace/` that a service.namespace
   * puts before it, because others may have metrics of the same names; every alert carries it as `service`.
   */
  job: 'learning_voice_agent',

  /** critical wakes somebody, warning is read in the morning. */
  alerts: {
    /** Share of requests answered with 5xx, or of turns that failed. */
    HighErrorRate: { severity: 'critical', above: 0.1, atLeast: 5, window: '5m', for: '5m' },
    /** Share of Claude's calls that failed, by model. */
    ClaudeAPIFailures: { severity: 'critical', above: 0.05, atLeast: 2, window: '5m', for: '2m' },
    /** Share of Whisper's calls that failed. */
    WhisperAPIFailures: { severity: 'critical', above: 0.05, atLeast: 2, window: '5m', for: '2m' },
    /** Share of context look-ups that hit; guarded by look-ups, because an idle agent has none. */
    LowCacheHitRatio: { severity: 'warning', below: 0.5, atLeast: 50, window: '10m', for: '10m' },
    /** Seconds: the 95th percentile over all requests. */
    SlowResponseTime: { severity: 'warning', above: 2, quantile: 0.95, atLeast: 20, window: '5m', for: '5m' },
    /** USD: what a month at the present rate would cost. Keep it at BUDGET_MONTH_USD. */
    HighAPICosts: { severity: 'warning', above: 10, window: '1h', for: '1h' },
    /** Share of the month's budget that is spent; from `critical` on every learner is refused. */
    BudgetNearlySpent: { severity: 'warning', from: 0.8, critical: 1, for: '1m' },
    /** Calls whose model has no price. */
    UnpricedModel: { severity: 'warning', window: '15m' },
    /** No agent at all has pushed a new heartbeat for `window`. */
    AgentDown: { severity: 'critical', window: '2m', for: '1m' },
    /** An instance that pushed within `memory`, and was not stopped, has pushed no new heartbeat for `window`. */
    TelemetryStale: { severity: 'warning', window: '2m', memory: '30m', for: '1m' },
    /** Prometheus cannot reach the collector, or it comes and goes (`flaps` changes in `window`): the rest is blind. */
    CollectorDown: { severity: 'critical', window: '10m', flaps: 4, for: '1m' },
    /** The collector sends data back, short of memory. For metrics it is critical: without them the rest is blind. */
    CollectorRefusingData: { severity: 'warning', window: '5m', for: '5m' },
    /** Points, spans or log records are lost for good. */
    TelemetryLoss: { severity: 'warning', window: '15m' },
    /** Label sets past their bound are folded together. */
    CardinalityOverflow: { severity: 'warning', window: '15m' },
    /** The agent's last check of its database failed: no turn can be stored. */
    DatabaseDown: { severity: 'critical', for: '1m' },
    /** Turns go on from the database; they are slower. */
    RedisDown: { severity: 'warning', for: '2m' },
    /** See `slo` below. */
    VoiceTurnBudgetBurn: { severity: 'critical' },
  },

  /** For how long alerts about heartbeats, which come through the collector, stay quiet after it was away or refused them. */
  collectorGrace: '3m',

  /**
   * The objective of voice turns: answered, not broken off by us, and with a first word inside SLO_FIRST_RESPONSE_S.
   * Burn rates after https://sre.google/workbook/alerting-on-slos/: an alert fires when the error budget burns `factor`
   * times too fast over the long window and still does over the short one.
   */
  slo: {
    objective: 0.99,
    /** Bad turns in the long window, so that a quiet night with one bad turn pages nobody. */
    atLeast: 5,
    burn: [
      { long: '1h', short: '5m', factor: 14.4, severity: 'critical', for: '2m' },
      { long: '6h', short: '30m', factor: 6, severity: 'critical', for: '15m' },
      { long: '1d', short: '2h', factor: 3, severity: 'warning', for: '1h' },
      { long: '3d', short: '6h', factor: 1, severity: 'warning', for: '3h' },
    ],
  },
} as const satisfies Config;

export type Severity = 'critical' | 'warning';
/** Alertmanager routes by it, the runbook has a heading for it, and a panel of a board shows it. */
export type AlertName = keyof typeof CONFIG.alerts;
export const ALERT_NAMES = Object.keys(CONFIG.alerts) as AlertName[];

type Config = {
  grafana: string;
  job: string;
  alerts: Record<string, { severity: Severity; window?: Duration; for?: Duration } & Record<string, unknown>>;
  collectorGrace: Duration;
  slo: {
    objective: number;
    atLeast: number;
    burn: readonly { long: Duration; short: Duration; factor: number; severity: Severity; for: Duration }[];
  };
};

/** The share of turns that may be bad: 1 % of them. Rounded, because 1 - 0.99 is not 0.01 in binary. */
export const ERROR_BUDGET = Number((1 - CONFIG.slo.objective).toFixed(6));
