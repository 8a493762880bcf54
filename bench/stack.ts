import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { agent, collector } from '../scripts/stack/parts.ts';
import { type RunningPart, startPart } from '../test/support/running-part.ts';
import type { LoadMessage, LoadOrder, SeenTurn } from './load.ts';
import type { ProvidersMessage, ServedCall } from './providers.ts';

export type Mode = 'on' | 'off';

/** A helper of the bench in a process of its own, so that its work is never the agent's. */
export type Helper = AsyncDisposable & { pid: number; child: ChildProcess };

function start(file: string): Helper {
  const child = fork(join(import.meta.dirname, file), { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    pid: child.pid as number,
    child,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function hear<T>({ child }: Helper): Promise<T> {
  const ended = new AbortController();
  try {
    const message = once(child, 'message', { signal: ended.signal });
    const exit = once(child, 'exit', { signal: ended.signal });
    const [first] = await Promise.race([message, exit.then(() => [])]);
    if (first === undefined) throw new Error('A helper process of the bench ended; its last words are above.');
    return first as T;
  } finally {
    ended.abort();
  }
}

/** The sandbox with nothing to wait for, and what it served by turn. */
export async function startProviders() {
  const helper = start('providers.ts');
  const first = await hear<ProvidersMessage>(helper);
  if (!('url' in first)) throw new Error('The sandbox did not tell its address.');
  const { url } = first;
  return {
    ...helper,
    url,
    /** Switches its pace; both 0 is as fast as it can. */
    async pace(transcribeMs: number, tokenMs: number): Promise<void> {
      const plan = { transcriptions: { latency_ms: transcribeMs }, messages: { token_delay_ms: tokenMs } };
      const answer = await fetch(`${url}/sandbox/faults`, { method: 'PUT', body: JSON.stringify(plan) });
      if (!answer.ok) throw new Error(`The sandbox refuses ${JSON.stringify(plan)}: ${await answer.text()}`);
    },
    /** The calls that ended since the last time. */
    async served(): Promise<ServedCall[]> {
      helper.child.send('served');
      const message = await hear<ProvidersMessage>(helper);
      return 'served' in message ? message.served : [];
    },
  };
}
export type Providers = Awaited<ReturnType<typeof startProviders>>;

/** The learners. */
export function startLoad() {
  const helper = start('load.ts');
  return {
    ...helper,
    /** Lets them talk; calls back when the window begins and when it ends, and answers when nobody talks any more. */
    async run(
      order: LoadOrder,
      on: { began: () => void; ended: () => void },
    ): Promise<{ turns: SeenTurn[]; elapsedMs: number }> {
      helper.child.send(order);
      for (;;) {
        const message = await hear<LoadMessage>(helper);
        if (message === 'began' || message === 'ended') on[message]();
        else if ('failure' in message) throw new Error(`A turn failed: ${message.failure}`);
        else return message;
      }
    },
  };
}
export type Load = ReturnType<typeof startLoad>;

/** The real collector as `make up` runs it. */
export const startCollector = (): Promise<RunningPart> => startPart((ports, dir) => collector({ ports, dir }));

/**
 * The real agent process: SQLite in a file, no Redis, no limits; its telemetry sent to the collector, or off. Without
 * `sandboxUrl` it starts its own sandbox, with the real recogniser and voice.
 */
export async function startAgent(options: { mode: Mode; sandboxUrl?: string; otlpUrl: string; profileDir?: string }) {
  const { mode, sandboxUrl = '', otlpUrl, profileDir } = options;
  const part = await startPart((ports, dir) => {
    const real = agent({ ports, dir });
    const profile = profileDir
      ? ['--cpu-prof', `--cpu-prof-dir=${profileDir}`, `--cpu-prof-name=${mode}.cpuprofile`]
      : [];
    return {
      ...real,
      args: [...profile, ...real.args],
      env: {
        ...real.env,
        PROVIDERS: 'sandbox',
        SANDBOX_URL: sandboxUrl,
        REDIS_URL: '',
        AUTH_TOKENS: '',
        RATE_LIMIT_PER_MIN: '1000000000',
        BUDGET_SESSION_USD: '0',
        BUDGET_MONTH_USD: '0',
        OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
        OTEL_SDK_DISABLED: mode === 'off' ? 'true' : '',
      },
    };
  });
  return { ...part, mode, url: `http://127.0.0.1:${part.ports.agent}` };
}
export type Agent = Awaited<ReturnType<typeof startAgent>>;
