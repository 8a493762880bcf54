import { readFileSync } from 'node:fs';
import { register } from 'import-in-the-middle/register-hooks.mjs';

// NOTE: the hook has to stand before the SDK is imported, and the SDK before anything that it patches:
// a static import of ./telemetry here would come too early.
register({
  include: [
    'http',
    'https',
    'node:http',
    'node:https',
    /node_modules\/(express|socket\.io|knex|redis|@redis\/client|pino)\//,
  ],
});

const { startTelemetry } = await import('./telemetry/sdk.ts');

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
export const version = manifest.version;

/** The process's telemetry, started by `--import ./src/instrumentation.ts` before anything else is loaded. */
export const telemetry = startTelemetry({ version, instanceId: process.env.PORT ?? '8000' });
