import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { ROOT } from '../../scripts/stack/parts.ts';
import { PROMTOOL } from '../support/programs.ts';

/** All that promtool prints, whether it is content or not: its verdict is in the text. */
export async function promtool(...args: string[]): Promise<string> {
  const child = spawn(PROMTOOL, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return out + err;
}
