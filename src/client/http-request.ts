import type { WireProblem } from '../edge/protocol.ts';
import type { Ledger } from './ledger.ts';
import { fromWire, ProblemError } from './problem-error.ts';

/** `endpoint` is the route as the agent's metrics have it. */
export type HttpRequest = {
  path: string;
  endpoint: string;
  method: string;
  body?: string | Uint8Array;
  type?: string;
  signal?: AbortSignal | undefined;
};
/** What is made of the answer's body. */
type Reading<T> = (response: Response) => Promise<T>;

/**
 * Asks the agent and reads its answer to the end. Rejects with a ProblemError: what the agent says; `bad_input` where the
 * request can't be made; `disconnected` where nobody answers, or the answer breaks off; `internal` where the answer is
 * not what an agent says. A `signal` that is aborted rejects with its reason instead.
 */
export type Ask = <T>(request: HttpRequest, reading: Reading<T>) => Promise<T>;

/** The body as JSON. NOTE: unchecked; the agent's word is taken for its shape. */
export async function readJson<T>(response: Response): Promise<T> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw strange(response, 'no JSON', text, cause);
  }
}

export function createAsk(url: string, token: string | undefined, ledger: Ledger): Ask {
  function prepare({ path, method, body, type, signal }: HttpRequest): Request {
    try {
      const headers = new Headers();
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
      if (type !== undefined) headers.set('content-type', type);
      return new Request(new URL(path, url), {
        method,
        headers,
        // NOTE: the DOM's types doubt that the bytes are not shared memory.
        ...(body === undefined ? {} : { body: body as string | Uint8Array<ArrayBuffer> }),
        ...(signal ? { signal } : {}),
      });
    } catch (cause) {
      const message = `${url} can't be asked (${(cause as Error).message}): look at the address and the token.`;
      throw new ProblemError('bad_input', message, { cause });
    }
  }
  return async (request, reading) => {
    const prepared = prepare(request);
    const failing = (message: string) => (cause: unknown) => {
      request.signal?.throwIfAborted();
      throw cause instanceof ProblemError ? cause : new ProblemError('disconnected', message, { cause });
    };
    const response = await fetch(prepared).catch(failing(`No agent answers at ${url}.`));
    ledger.request(request.endpoint, request.method, response.status);
    const read = response.ok ? reading(response) : refusal(response);
    return read.catch(failing(`The answer of ${url} broke off on its way: ask again.`));
  };
}

/** RFC 9457, or whatever a proxy in between has to say. Always rejects. */
async function refusal(response: Response): Promise<never> {
  if (response.headers.get('content-type')?.startsWith('application/problem+json')) {
    const { detail, ...problem } = await readJson<WireProblem & { detail: string }>(response);
    throw fromWire({ ...problem, message: detail });
  }
  throw strange(response, 'no problem document', await response.text());
}

function strange({ url, status }: Response, what: string, text: string, cause?: unknown): ProblemError {
  return new ProblemError('internal', `${url} answered ${status} and ${what}: ${text.slice(0, 200)}`, { cause });
}
