import { randomBytes } from 'node:crypto';

/** An id in the providers' manner: a prefix and 24 letters and digits. */
export function randomId(prefix: string): string {
  return prefix + randomBytes(18).toString('base64').replaceAll('+', 'A').replaceAll('/', 'B');
}
