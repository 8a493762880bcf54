import type { IncomingMessage } from 'node:http';

const LOOPBACK = /^(?:localhost|(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/**
 * Whether a request may come in without a token: it names this machine as its host, and, from a browser, as its page's origin too.
 * NOTE: without this any page of the web could talk to an agent on the reader's machine, by its address or by a name of
 * its own that it lets point there (DNS rebinding).
 */
export function fromThisMachine({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const host = headers.host ?? '';
  if (!LOOPBACK.test(host.replace(/:\d+$/, ''))) return false;
  if (headers.origin === undefined) return true;
  return URL.canParse(headers.origin) && new URL(headers.origin).host === host;
}
