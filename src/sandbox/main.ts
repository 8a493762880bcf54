import { createLogger } from '../log.ts';
import { startSandbox } from './server.ts';
import type { SandboxReady } from './spawn.ts';

const DEFAULT_PORT = 8010;

const log = createLogger({ level: process.env.LOG_LEVEL ?? 'info', version: 'sandbox' });
const sandbox = await startSandbox({
  port: Number(process.env.SANDBOX_PORT ?? DEFAULT_PORT),
  // Loopback unless told otherwise: whoever reaches it may switch its faults. One that was forked serves its parent only.
  host: process.send ? undefined : process.env.SANDBOX_HOST || undefined,
  log,
});

let stopping = false;
/** Stops once, whoever asks: a signal, or the end of the process that forked this one. */
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await sandbox.stop();
  process.exit(0);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('disconnect', stop);

process.send?.({ port: sandbox.port } satisfies SandboxReady);
process.stdout.write(
  `Sandbox: no real provider is asked.\n  ANTHROPIC_BASE_URL=${sandbox.anthropicBaseUrl}\n  OPENAI_BASE_URL=${sandbox.openaiBaseUrl}\n`,
);
