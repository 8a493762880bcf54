import { once } from 'node:events';
import { join } from 'node:path';
import type { Part } from '../../scripts/stack/parts.ts';
import { freePorts, type Ports } from '../../scripts/stack/ports.ts';
import { awaitReady, type Launched, launch, stop, tail } from '../../scripts/stack/process.ts';
import { temporaryDir } from './temporary-dir.ts';

/** A real part of the stack that serves, until it is stopped or its scope ends. */
export interface RunningPart extends AsyncDisposable {
  pid: number;
  ports: Ports;
  /** Folder of its files; kept by a part that was started with `dir`, else removed at the end of the scope. */
  dir: string;
  /** The last lines it printed, 20 unless told. */
  log: (lines?: number) => string;
  /** SIGTERM, and SIGKILL after the grace; true when it went by itself. */
  stop: (graceMs?: number) => Promise<boolean>;
}

/** With both given, a part that was stopped starts again where it was. */
export interface Where {
  ports?: Ports;
  dir?: string;
}

const running = new Set<Launched>();
process.once('exit', () => {
  for (const { child } of running) child.kill('SIGKILL');
});

/** Starts one part on free loopback ports in a folder of its own and waits until it serves; failing, it shows its log. */
export async function startPart(make: (ports: Ports, dir: string) => Part, where: Where = {}): Promise<RunningPart> {
  const temporary = where.dir === undefined ? await temporaryDir() : undefined;
  const dir = where.dir ?? (temporary?.path as string);
  const { part, ports, log, launched } = await attempt(make, where.ports, dir);

  const stopIt = async (graceMs?: number) => {
    const willing = await stop(launched.id, graceMs);
    const { child } = launched;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    running.delete(launched);
    return willing;
  };
  return {
    pid: launched.id.pid,
    ports,
    dir,
    log: (lines) => `${part.name}:\n${tail(log, lines)}`,
    stop: stopIt,
    [Symbol.asyncDispose]: async () => {
      await stopIt();
      await temporary?.[Symbol.asyncDispose]();
    },
  };
}

/** NOTE: a port that was free when it was chosen may be gone a moment later; with ports of its own choosing it tries again. */
async function attempt(make: (ports: Ports, dir: string) => Part, given: Ports | undefined, dir: string) {
  for (let left = 3; ; left--) {
    const ports = given ?? (await freePorts());
    const part = make(ports, dir);
    const log = join(dir, `${part.name}.log`);
    const launched = await launch(part, log, false);
    running.add(launched);
    try {
      await awaitReady(part, launched.id, log);
      return { part, ports, log, launched };
    } catch (error) {
      await stop(launched.id);
      running.delete(launched);
      if (given || left === 1 || !/address already in use/i.test((error as Error).message)) throw error;
    }
  }
}
