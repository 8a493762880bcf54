import { telemetry, version } from './instrumentation.ts';

const { startApp } = await import('./app.ts');
const { ConfigError, readConfig } = await import('./config.ts');
const { createLogger } = await import('./log.ts');

try {
  const config = readConfig(process.env);
  const log = createLogger({ level: config.LOG_LEVEL, version });
  const app = await startApp({ config, telemetry, log, version });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, async () => {
      log.info({ signal }, 'stopping');
      process.exitCode = (await app.stop()) ? 0 : 1;
      process.exit();
    });
  }
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  await telemetry.shutdown(1_000);
  process.exit(1);
}
