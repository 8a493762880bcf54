import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import type { AppError } from './errors.ts';

export type Logger = PinoLogger;

/** One JSON line per event on stdout; trace ids are added by the instrumentation. Never the learner's words, never a secret. */
export function createLogger(options: { level: string; version: string }, destination?: DestinationStream): Logger {
  const settings = {
    level: options.level,
    base: { service: 'learning_voice_agent', version: options.version },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['*.apiKey', '*.authorization', 'headers.authorization'], censor: '(hidden)' },
  };
  return destination ? pino(settings, destination) : pino(settings);
}

/** What the log may say of an error: kind, place, message, and the chain of causes by class and status. */
export function errorFields(error: AppError): Record<string, unknown> {
  const fields: Record<string, unknown> = { kind: error.kind, component: error.component, detail: error.message };
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    const { status, code } = cause as { status?: number; code?: string };
    causes.push(
      [cause.name, status ?? code, error.kind === 'internal' ? cause.message : undefined].filter(Boolean).join(' '),
    );
  }
  if (causes.length > 0) fields.causes = causes;
  if (error.kind === 'internal' && error.cause instanceof Error) fields.stack = error.cause.stack;
  return fields;
}
