import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { ROOT } from '../../scripts/stack/parts.ts';

/** `npm run talk`, with no other programs on its PATH than those in the folder, and a plain shell's. */
export function startTalk(programs: string, args: string[]) {
  const child = spawn(process.execPath, ['src/client/talk.ts', ...args], {
    cwd: ROOT,
    env: { PATH: `${programs}:/bin` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  return {
    child,
    /** All that it prints, from now on. */
    out: () => text(child.stdout),
    err: () => text(child.stderr),
    code: async () => (await closed)[0] as number,
  };
}

/** Gives one line after the other as it comes; it is an error when there is none any more. */
export function linesOf(stream: NodeJS.ReadableStream): () => Promise<string> {
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    assert.ok(!done, 'there is another line');
    return value;
  };
}
