import type { z } from 'zod';
import { AppError, type Component } from '../errors.ts';

const CONTENT = new Set(['text', 'query', 'audio_base64']);

/** Checks what came in against a schema. Throws `bad_input` 422 that names each value and its cure, and never a learner's words. */
export function check<S extends z.ZodType>(schema: S, value: unknown, component: Component): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 5).map((issue) => {
    const path = issue.path.map(String).join('.');
    return `${path || 'the payload'} (${shown(at(value, issue.path), path)}): ${issue.message}`;
  });
  throw new AppError('bad_input', component, problems.join('; '), { status: 422 });
}

/** The same of a query. What is written as part of a list or an object, as `limit[a]=5`, is refused: it would be passed over. */
export function checkQuery<S extends z.ZodObject>(schema: S, query: Record<string, unknown>): z.output<S> {
  for (const [name, value] of Object.entries(query)) {
    const plain = name.split('[', 1)[0] ?? '';
    if (plain === name || !Object.hasOwn(schema.shape, plain)) continue;
    const message = `${name.slice(0, 60)} (${shown(value, name)}) can't be read: write it as ${plain}=…, once.`;
    throw new AppError('bad_input', 'http', message, { status: 422 });
  }
  return check(schema, query, 'http');
}

/** What a value is, in words fit for a message. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function shown(value: unknown, path: string): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return kindOf(value);
  return CONTENT.has(path) || path === '' ? `${value.length} characters` : JSON.stringify(value.slice(0, 60));
}

function at(value: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
}
