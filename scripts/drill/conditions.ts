import { DatabaseSync } from 'node:sqlite';
import { type AlertName, CONFIG } from '../../src/mixin/config.ts';
import type { FaultPlan } from '../../src/sandbox/faults.ts';
import { attributes, pushOtlp, unixNano } from '../../test/support/otlp.ts';
import type { DrillStack } from './stack.ts';

/** What brings an alert about, and what ends it. */
export type Condition = {
  /** What is done to the stack, in one line. */
  does: string;
  undoes: string;
  /** Switches it on; what it resolves to switches it off. */
  on(stack: DrillStack): Promise<() => Promise<unknown>>;
  /** The one of several alerts of that name that is meant. */
  labels?: Record<string, string>;
  /** Nobody talks before: that alone would be the condition. */
  idleBefore?: boolean;
  /** A second agent stands beside the first. */
  twoAgents?: boolean;
  /** Another pace than 30 times as shipped. */
  divisor?: number;
};

/** A fault of the providers, with more traffic where the everyday learners' is not enough. */
function fault(
  does: string,
  plan: FaultPlan,
  more?: Parameters<DrillStack['traffic']>[0],
): Pick<Condition, 'does' | 'undoes' | 'on'> {
  return {
    does,
    undoes: 'the providers work again',
    async on(stack) {
      await stack.faults(plan);
      const traffic = more && (await stack.traffic(more));
      return async () => {
        await stack.faults();
        await traffic?.stop();
      };
    },
  };
}

/** The collector started again with other settings, and once more with its own. */
function collectorWith(
  does: string,
  env: (stack: DrillStack) => Record<string, string>,
): Pick<Condition, 'does' | 'undoes' | 'on'> {
  return {
    does,
    undoes: 'the collector starts again with its own settings',
    async on(stack) {
      await stack.collector.restart(env(stack));
      return () => stack.collector.restart();
    },
  };
}

/** One for every alert: an alert without a drill does not compile. */
export const CONDITIONS: Record<AlertName, Condition> = {
  HighErrorRate: fault('Claude answers 529 to everything that learners type', { messages: { status: 529 } }),
  ClaudeAPIFailures: fault('Claude answers 529 (overloaded)', { messages: { status: 529 } }),
  WhisperAPIFailures: fault(
    'Whisper answers 500 to every recording',
    { transcriptions: { status: 500 } },
    { learners: 2, spoken: true },
  ),
  LowCacheHitRatio: {
    does: 'learners come who begin a session with every turn',
    undoes: 'they leave',
    async on(stack) {
      const traffic = await stack.traffic({ learners: 6, pauseMs: 250, newSessions: true });
      return () => traffic.stop();
    },
  },
  SlowResponseTime: fault(
    'Claude takes 3 s to begin',
    { messages: { latency_ms: 3000 } },
    { learners: 12, pauseMs: 100 },
  ),
  HighAPICosts: {
    does: 'learners talk as if it cost nothing',
    undoes: 'they fall silent',
    idleBefore: true,
    divisor: 600,
    async on(stack) {
      const traffic = await stack.traffic({ learners: 3 });
      return () => traffic.stop();
    },
  },
  BudgetNearlySpent: {
    does: 'the agent starts again with a budget of which this month has spent 90 %',
    undoes: 'the agent starts again with a larger one',
    async on(stack) {
      const answer = await fetch(`${stack.agentUrl}/api/metrics`);
      const { costs } = (await answer.json()) as { costs: { month_usd: number } };
      await stack.agent.restart({ BUDGET_MONTH_USD: `${costs.month_usd / 0.9}` });
      return () => stack.agent.restart({ BUDGET_MONTH_USD: '1000' });
    },
  },
  UnpricedModel: fault('Claude answers as a model that the price table does not have', {
    messages: { model: 'claude-of-tomorrow' },
  }),
  AgentDown: {
    does: 'kill -9 of the only agent',
    undoes: 'it starts again where it was',
    async on(stack) {
      await stack.agent.kill();
      return () => stack.agent.start();
    },
  },
  TelemetryStale: {
    does: 'kill -9 of one of two agents',
    undoes: 'it starts again where it was',
    twoAgents: true,
    async on(stack) {
      await stack.secondAgent.kill();
      return () => stack.secondAgent.start();
    },
  },
  CollectorDown: {
    does: 'the collector stops',
    undoes: 'it starts again',
    async on(stack) {
      await stack.collector.stop();
      return () => stack.collector.start();
    },
  },
  CollectorRefusingData: collectorWith('the collector starts again with 1 MiB of memory for data', () => ({
    COLLECTOR_MEMORY_MIB: '81',
  })),
  TelemetryLoss: collectorWith('the collector sends traces where nobody takes them (404)', ({ sandboxUrl }) => ({
    COLLECTOR_TRACES_TO: '[otlp_http/traces]',
    COLLECTOR_TRACES_URL: sandboxUrl,
  })),
  CardinalityOverflow: {
    does: 'a third party pushes a series of folded label sets',
    undoes: 'the collector starts again, which forgets it',
    async on(stack) {
      await pushOtlp(stack.otlpUrl, 'metrics', OVERFLOWING);
      return () => stack.collector.restart();
    },
  },
  DatabaseDown: {
    does: 'another process takes an exclusive lock of the database',
    undoes: 'it lets go',
    async on(stack) {
      // SQLite's locks are between processes, and this one is not the agent's.
      const database = new DatabaseSync(stack.databaseFile, { timeout: 10_000 });
      database.exec('begin exclusive');
      return async () => {
        database.exec('rollback');
        database.close();
      };
    },
  },
  RedisDown: {
    does: 'Redis stops',
    undoes: 'it starts again, empty',
    async on(stack) {
      await stack.redis.stop();
      return () => stack.redis.start();
    },
  },
  VoiceTurnBudgetBurn: {
    ...fault('every turn fails: Claude answers 529', { messages: { status: 529 } }),
    labels: { severity: 'critical', long: '1h' },
  },
};

const OVERFLOWING = {
  resourceMetrics: [
    {
      resource: { attributes: attributes({ 'service.name': CONFIG.job, 'service.instance.id': 'drill:1' }) },
      scopeMetrics: [
        {
          scope: { name: 'drill' },
          metrics: [
            {
              name: 'drill_label_sets',
              gauge: {
                dataPoints: [
                  {
                    asInt: '1',
                    timeUnixNano: unixNano(),
                    attributes: attributes({ 'otel.metric.overflow': 'true' }),
                  },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
};
