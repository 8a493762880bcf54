import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../scripts/stack/parts.ts';

export const OTELCOL = join(ROOT, 'collector/bin/otelcol');
export const PROMTOOL = join(ROOT, '.stack/bin/promtool');

const execute = promisify(execFile);

/** Runs a program of the stack to its end in the project's folder; rejects with what it printed when it fails. */
export async function runProgram(program: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout, stderr } = await execute(program, args, { cwd: ROOT, env: { ...process.env, ...env } });
  return stdout + stderr;
}
