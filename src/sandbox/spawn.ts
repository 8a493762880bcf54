import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A sandbox in a process of its own, so that its work never counts as the agent's. */
export type SpawnedSandbox = { url: string; stop(): Promise<void> };

/** What `main.ts` tells the process that started it. */
export type SandboxReady = { port: number };

/** Starts the sandbox on a free loopback port; it ends with this process, also when this one is killed. `onDeath` hears when it ends unasked. */
export async function spawnSandbox(onDeath: (code: number | null) => void): Promise<SpawnedSandbox> {
  const child = fork(new URL('./main.ts', import.meta.url), {
    env: { ...process.env, SANDBOX_PORT: '0' },
    // NOTE: without the agent's own --import, or the sandbox would push metrics as if it were the agent.
    execArgv: [],
    // NOTE: a Ctrl-C goes to the whole group of processes; turns that are being drained still need their sandbox.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const ready = once(child, 'message') as Promise<[SandboxReady]>;
  const first = await Promise.race([ready, exited.then(() => undefined)]);
  if (!first) throw new Error('The sandbox ended before it was ready; run it alone to see why: npm run sandbox');
  let asked = false;
  void exited.then(([code]) => {
    if (!asked) onDeath(code);
  });
  return {
    url: `http://127.0.0.1:${first[0].port}`,
    async stop() {
      asked = true;
      child.kill('SIGTERM');
      await exited;
    },
  };
}
