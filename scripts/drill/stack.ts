import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hurried } from '../../src/mixin/pace.ts';
import { ruleFiles } from '../../src/mixin/rules/index.ts';
import type { FaultPlan } from '../../src/sandbox/faults.ts';
import { spawnSandbox } from '../../src/sandbox/spawn.ts';
import { startAgent } from '../../test/support/agent.ts';
import { startCollector } from '../../test/support/collector.ts';
import { startRedis } from '../../test/support/redis.ts';
import { type RunningPart, startPart } from '../../test/support/running-part.ts';
import { startReceiver, type ToldAlert } from '../alert-receiver.ts';
import { alertmanager, prometheus } from '../stack/parts.ts';
import { freePorts, type Ports } from '../stack/ports.ts';
import { startTraffic, type Traffic, type TrafficOptions } from './traffic.ts';

/** A part that a drill stops, kills and brings back where it was. */
export type Switch = {
  start(env?: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
  restart(env?: Record<string, string>): Promise<void>;
};

/** A small stack of a drill's own: everything real, on free ports, with the shipped rules hurried. */
export type DrillStack = AsyncDisposable & {
  agentUrl: string;
  prometheusUrl: string;
  sandboxUrl: string;
  otlpUrl: string;
  /** The agent's SQLite file. */
  databaseFile: string;
  agent: Switch;
  /** Another agent beside it, started when a drill asks for it. */
  secondAgent: Switch;
  collector: Switch;
  redis: Switch;
  /** Switches the providers' faults; without a plan, all off. */
  faults(plan?: FaultPlan): Promise<void>;
  /** Learners who talk to the first agent until the drill is over, or they are stopped. */
  traffic(options: TrafficOptions): Promise<Traffic>;
};

export type StackOptions = {
  /** Emptied first; logs stay in it. */
  dir: string;
  /** All durations of rules and Alertmanager are divided by it, and by nothing else. */
  divisor: number;
  onAlert: (alert: ToldAlert) => void;
};

/** Four scrapes: `changes()` and `rate()` need two, and one may be late. */
const LEAST_WINDOW_S = 4;

const AGENT = {
  BUDGET_SESSION_USD: '0',
  BUDGET_MONTH_USD: '0',
  // Faults are told at once, not after retries.
  PROVIDER_RETRIES: '0',
};

export async function startDrillStack({ dir, divisor, onAlert }: StackOptions): Promise<DrillStack> {
  rmSync(dir, { recursive: true, force: true });
  const rules = join(dir, 'rules');
  mkdirSync(rules, { recursive: true });
  for (const [name, text] of Object.entries(ruleFiles(hurried(divisor, LEAST_WINDOW_S))))
    writeFileSync(join(rules, name), text);

  await using stack = new AsyncDisposableStack();
  const ports = await freePorts();
  const sandbox = await spawnSandbox(() => {});
  stack.defer(() => sandbox.stop());
  const receiver = await startReceiver({ port: ports.alerts, onAlert });
  stack.defer(() => receiver.stop());
  const otlpUrl = `http://127.0.0.1:${ports.otlpHttp}`;
  const agentIn = (home: string, at: Ports) => (env: Record<string, string>) =>
    startAgent({
      ports: at,
      dir: home,
      env: {
        ...AGENT,
        REDIS_URL: `redis://127.0.0.1:${ports.redis}`,
        SANDBOX_URL: sandbox.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
        ...env,
      },
    });
  const redis = switchFor(stack, () => startRedis({ ports, dir }));
  const collector = switchFor(stack, (env) =>
    startCollector({ ports, dir, env: { COLLECTOR_ROOT_WAIT: '1s', ...env } }),
  );
  const agent = switchFor(stack, agentIn(dir, ports));
  const drill = { rules, evaluation: '2s', divisor };
  // One after the other: what fails then leaves nothing behind that is still starting.
  await redis.start();
  await collector.start();
  stack.use(await startPart((at, home) => alertmanager({ ports: at, dir: home, drill }), { ports, dir }));
  await agent.start();
  stack.use(await startPart((at, home) => prometheus({ ports: at, dir: home, interval: '1s', drill }), { ports, dir }));
  // Chosen last, when all other ports are bound.
  const second = join(dir, 'second');
  mkdirSync(second, { recursive: true });
  const secondAgent = switchFor(stack, agentIn(second, await freePorts()));
  const owned = stack.move();

  const switchFaults = async (init: RequestInit) => {
    const answer = await fetch(`${sandbox.url}/sandbox/faults`, init);
    if (!answer.ok) throw new Error(`The sandbox refuses ${init.body}: ${await answer.text()}`);
  };
  const agentUrl = `http://127.0.0.1:${ports.agent}`;
  return {
    agentUrl,
    prometheusUrl: `http://127.0.0.1:${ports.prometheus}`,
    sandboxUrl: sandbox.url,
    otlpUrl,
    databaseFile: join(dir, 'data/agent.db'),
    agent,
    secondAgent,
    collector,
    redis,
    faults: (plan) => switchFaults(plan ? { method: 'PUT', body: JSON.stringify(plan) } : { method: 'DELETE' }),
    async traffic(options) {
      const traffic = await startTraffic(agentUrl, options);
      owned.defer(() => traffic.stop());
      return traffic;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The switch of one part, which is off at the end of the stack whatever its state. */
function switchFor(owner: AsyncDisposableStack, start: (env: Record<string, string>) => Promise<RunningPart>): Switch {
  let running: RunningPart | undefined;
  const stop = async () => {
    await running?.stop();
    running = undefined;
  };
  owner.defer(stop);
  const begin = async (env: Record<string, string> = {}) => {
    running = await start(env);
  };
  return {
    start: begin,
    stop,
    async kill() {
      if (running) process.kill(running.pid, 'SIGKILL');
      await stop();
    },
    async restart(env) {
      await stop();
      await begin(env);
    },
  };
}
