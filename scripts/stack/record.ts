import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_PORTS, type Ports } from './ports.ts';
import type { ProcessId } from './process.ts';

/** What `make up` left running, so that later commands find it. */
export interface StackRecord {
  ports: Ports;
  processes: Record<string, ProcessId>;
}

/** The last written record of the stack in `dir`, or undefined when it is not up, or the file is no record. */
export function readRecord(dir: string): StackRecord | undefined {
  try {
    const record: Partial<StackRecord> | null = JSON.parse(readFileSync(join(dir, 'stack.json'), 'utf8'));
    if (!record?.processes || !record.ports) return undefined;
    // A stack that was started before a part was added knows no port for it.
    return { processes: record.processes, ports: { ...DEFAULT_PORTS, ...record.ports } };
  } catch {
    return undefined;
  }
}

export function writeRecord(dir: string, record: StackRecord): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'stack.json'), `${JSON.stringify(record, null, 2)}\n`);
}

export function removeRecord(dir: string): void {
  rmSync(join(dir, 'stack.json'), { force: true });
}
