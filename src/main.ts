import { telemetry, version } from './instrumentation.ts';

const { startApp } = await import('./app.ts');
const { ConfigError, readConfig } = await import('./config.ts');
const { AppError } = await import('./errors.ts');
const { createLogger } = await import('./log.ts');

/** Whoever waits for us to stop kills us after 10 s. */
const STOP_WITHIN_MS = 9_500;

const stopping = Promise.withResolvers<NodeJS.Signals>();
// NOTE: Ctrl-C under npm comes twice, from the terminal and from npm; the second must not cut the first one short.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.resolve(signal));

try {
  const config = readConfig(process.env);
  const log = createLogger({ level: config.LOG_LEVEL, version });
  const app = await startApp({ config, telemetry, log, version });
  log.info({ signal: await stopping.promise }, 'stopping');
  const clean = await app.stop(STOP_WITHIN_MS);
  log.info({ clean }, 'stopped');
  process.exit(clean ? 0 : 1);
} catch (error) {
  const known = error instanceof ConfigError || error instanceof AppError;
  console.error(known ? error.message : error);
  await telemetry.shutdown(1_000);
  process.exit(1);
}
