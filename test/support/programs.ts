import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROMETHEUS_DIR, ROOT } from '../../scripts/stack/parts.ts';

export const OTELCOL = join(ROOT, 'collector/bin/otelcol');
export const PROMTOOL = join(PROMETHEUS_DIR, 'promtool');
export const AMTOOL = join(ROOT, '.stack/bin/amtool');

const execute = promisify(execFile);

/** Runs a program of the stack to its end in the project's folder; rejects with what it printed when it fails. */
export async function runProgram(program: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout, stderr } = await execute(program, args, { cwd: ROOT, env: { ...process.env, ...env } });
  return stdout + stderr;
}
