import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '../errors.ts';

/** Who may come in. */
export interface Auth {
  /** False when no token is configured: then everybody may come in, and keeping them off is the listener's address' job. */
  readonly required: boolean;
  /** Who holds this token: a name without the secret, fit as a key; undefined for a wrong or missing token. */
  holder(token: string | undefined): string | undefined;
}

/** Tokens compared as hashes and in constant time, so that neither their length nor their beginnings leak. */
export function createAuth(tokens: readonly string[]): Auth {
  const known = tokens.map((token, index) => ({ hash: sha256(token), name: `token-${index + 1}` }));
  return {
    required: known.length > 0,
    holder(token) {
      if (token === undefined) return undefined;
      const hash = sha256(token);
      let holder: string | undefined;
      for (const entry of known) {
        if (timingSafeEqual(entry.hash, hash)) holder = entry.name;
      }
      return holder;
    },
  };
}

/** The token of an `Authorization: Bearer …` header. */
export function bearer(header: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
}

/** The refusal, with the place where the token belongs. */
export function unauthorized(component: 'http' | 'socket', given: boolean): AppError {
  const where = component === 'http' ? 'the header Authorization: Bearer <token>' : 'auth: { token } in the handshake';
  const what = given ? 'This token is not known' : 'A token is needed';
  return new AppError('unauthorized', component, `${what}: send one of AUTH_TOKENS as ${where}.`);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
