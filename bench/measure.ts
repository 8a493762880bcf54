import type { SeenTurn } from './load.ts';
import type { ServedCall } from './providers.ts';
import type { Agent, Load, Mode, Providers } from './stack.ts';
import { cpuMs, machineCpuMs, residentMb } from './usage.ts';

const MEMORY_EVERY_MS = 250;

/** One window of load on one agent. CPU times are shares of one core over the window. */
export type Sample = {
  mode: Mode;
  sessions: number;
  turns: number;
  turnsPerS: number;
  /** Agent CPU a turn: with all its threads, and in its JavaScript thread. */
  cpuMsPerTurn: number;
  mainMsPerTurn: number;
  deltasPerTurn: number;
  /** Milliseconds of each turn beyond its providers: by the agent's clock, and as the client saw it. */
  overheadMs: number[];
  seenOverheadMs: number[];
  peakMb: number;
  cores: Record<'agent' | 'sandbox' | 'learners' | 'collector' | 'others', number>;
};

export type Parts = { load: Load; providers: Providers; collector: { pid: number } };

/** Loads one agent for a while and measures it from outside. Throws when a turn fails. */
export async function measure(
  agent: Agent,
  { load, providers, collector }: Parts,
  order: { sessions: number; seconds: number; live: boolean },
): Promise<Sample> {
  const pids = { agent: agent.pid, sandbox: providers.pid, learners: load.pid, collector: collector.pid };
  const names = Object.keys(pids) as (keyof typeof pids)[];
  const read = () => ({
    machine: machineCpuMs(),
    parts: Object.fromEntries(names.map((name) => [name, cpuMs(pids[name])])) as Record<
      keyof typeof pids,
      ReturnType<typeof cpuMs>
    >,
  });

  let before = read();
  let after = before;
  let peakMb = 0;
  const watch = setInterval(() => {
    peakMb = Math.max(peakMb, residentMb(agent.pid));
  }, MEMORY_EVERY_MS);
  const began = () => {
    before = read();
  };
  const ended = () => {
    after = read();
  };
  const { turns, elapsedMs } = await load
    .run({ url: agent.url, ...order }, { began, ended })
    .finally(() => clearInterval(watch));
  if (turns.length === 0) throw new Error(`No turn ended within ${order.seconds} s: give it more --seconds.`);

  const used = (name: keyof typeof pids) => after.parts[name].all - before.parts[name].all;
  const main = after.parts.agent.main - before.parts.agent.main;
  const ours = names.reduce((sum, name) => sum + used(name), 0);
  const cores = Object.fromEntries(names.map((name) => [name, used(name) / elapsedMs]));
  const others = Math.max(0, after.machine - before.machine - ours) / elapsedMs;
  return {
    mode: agent.mode,
    sessions: order.sessions,
    turns: turns.length,
    turnsPerS: (turns.length / elapsedMs) * 1000,
    cpuMsPerTurn: used('agent') / turns.length,
    mainMsPerTurn: main / turns.length,
    deltasPerTurn: turns.reduce((sum, { deltas }) => sum + deltas, 0) / turns.length,
    ...overheads(turns, await providers.served()),
    peakMb,
    cores: { ...cores, others } as Sample['cores'],
  };
}

/** What is left of each turn when the time that its providers took is subtracted. Throws when a call of a turn is missing. */
function overheads(turns: SeenTurn[], served: ServedCall[]): Pick<Sample, 'overheadMs' | 'seenOverheadMs'> {
  const calls = new Map<number, number[]>();
  for (const [mark, ms] of served) calls.set(mark, [...(calls.get(mark) ?? []), ms]);
  const left = turns.map(({ mark, totalMs, seenMs }) => {
    const [transcription, message, ...more] = calls.get(mark) ?? [];
    if (transcription === undefined || message === undefined || more.length > 0) {
      throw new Error(`Turn ${mark} made ${calls.get(mark)?.length ?? 0} provider calls instead of 2.`);
    }
    const providersMs = transcription + message;
    return { overhead: totalMs - providersMs, seen: seenMs - providersMs };
  });
  return { overheadMs: left.map(({ overhead }) => overhead), seenOverheadMs: left.map(({ seen }) => seen) };
}
