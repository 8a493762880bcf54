import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Linux reports CPU time to user space in ticks of 10 ms, whatever its own clock. */
const MS_PER_TICK = 10;

/** CPU milliseconds that a process has used so far: with all its threads, and in the one that runs its JavaScript. */
export function cpuMs(pid: number): { all: number; main: number } {
  return { all: used(`/proc/${pid}/stat`), main: used(`/proc/${pid}/task/${pid}/stat`) };
}

/** Resident memory, in MB of 10⁶ bytes. */
export function residentMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1024) / 1e6;
}

/** CPU milliseconds of the whole machine so far, everybody's. */
export function machineCpuMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

function used(path: string): number {
  const stat = readFileSync(path, 'utf8');
  // NOTE: utime and stime are the 14th and 15th field; the 2nd is a name that may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
