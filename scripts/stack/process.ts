import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Part, ROOT } from './parts.ts';

/** A process that can be told from a later one with the same pid: by the clock ticks since boot at its start. */
export interface ProcessId {
  pid: number;
  startTicks: string;
}

export interface Launched {
  id: ProcessId;
  child: ChildProcess;
}

const POLL_MS = 50;

/** Starts a part with its output in `log`; a detached one outlives this process and ignores the terminal's Ctrl-C. */
export async function launch(part: Part, log: string, detached: boolean): Promise<Launched> {
  part.prepare?.();
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, 'a');
  writeSync(output, `--- ${part.name} starts, ${new Date().toISOString()}\n`);
  try {
    const child = spawn(part.command, part.args, {
      cwd: ROOT,
      env: { ...process.env, ...part.env },
      stdio: ['ignore', output, output],
      detached,
    });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    if (detached) child.unref();
    const pid = child.pid as number;
    return { id: { pid, startTicks: startTicks(pid) ?? '' }, child };
  } catch (error) {
    throw new Error(
      `${part.name} cannot be started: ${(error as Error).message}; get what it needs with: make install`,
    );
  } finally {
    closeSync(output);
  }
}

/** Resolves when the part serves; rejects with the end of its log when it exits first or the time is over. */
export async function awaitReady(part: Part, id: ProcessId, log: string, deadlineMs = 60_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  let last = 'not asked yet';
  while (Date.now() < end) {
    if (!isAlive(id)) throw new Error(`${part.name} exited while starting.\n${tail(log)}`);
    try {
      // NOTE: on a port that was taken meanwhile another program answers, and ours is about to exit.
      await part.ready();
      if (isAlive(id)) return;
    } catch (error) {
      last = (error as Error).message;
    }
    await sleep(POLL_MS);
  }
  throw new Error(`${part.name} is not ready after ${deadlineMs / 1000} s (${last}).\n${tail(log)}`);
}

/** Whether this very process still runs; a zombie does not. */
export function isAlive(id: ProcessId): boolean {
  return startTicks(id.pid) === id.startTicks;
}

/** Asks with SIGTERM, kills after the grace; resolves when the process is gone. True when it went by itself. */
export async function stop(id: ProcessId, graceMs = 10_000): Promise<boolean> {
  if (!isAlive(id)) return true;
  process.kill(id.pid, 'SIGTERM');
  if (await gone(id, graceMs)) return true;
  process.kill(id.pid, 'SIGKILL');
  await gone(id, 2000);
  return false;
}

/** The last lines of a log. */
export function tail(log: string, lines = 30): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}

async function gone(id: ProcessId, waitMs: number): Promise<boolean> {
  const end = Date.now() + waitMs;
  while (isAlive(id)) {
    if (Date.now() >= end) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Field 22 of /proc/PID/stat, or undefined when there is no such living process. */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
