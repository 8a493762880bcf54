import { setTimeout as sleep } from 'node:timers/promises';
import { errorFields, type Logger } from '../log.ts';
import { explain, type ProviderComponent, tooSlow } from './provider-errors.ts';

/** How a provider is asked: `timeoutMs` bounds every silence, `retries` come on top of the first attempt. */
export type CallPolicy = { component: ProviderComponent; timeoutMs: number; retries: number; log?: Logger | undefined };

/** No free model list is worth a longer wait. */
export const PROBE_TIMEOUT_MS = 5_000;

const FIRST_PAUSE_MS = 250;
/** A learner is waiting: a provider that asks for more gets no further attempt, and the learner is told when to come back. */
const LONGEST_PAUSE_MS = 5_000;

/** Calls a provider, again where that can help. Throws AppError, or the caller's reason as soon as the caller gives up. */
export function callProvider<T>(
  policy: CallPolicy,
  caller: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withRetries(policy, caller, async () => {
    const watchdog = createWatchdog(policy, caller);
    try {
      return await run(watchdog.signal);
    } catch (thrown) {
      throw watchdog.signal.aborted ? watchdog.signal.reason : thrown;
    } finally {
      watchdog.close();
    }
  });
}

/**
 * Repeats an attempt after passing failures, with exponential back-off and jitter, or after the wait that the provider asks for.
 * Our own time-out is not repeated: nobody waits for an answer twice.
 * NOTE: in place of the SDKs' retries, which obey `retry-after` without a cap and retry an exhausted quota.
 */
export async function withRetries<T>(policy: CallPolicy, caller: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    caller.throwIfAborted();
    try {
      return await attempt();
    } catch (thrown) {
      caller.throwIfAborted();
      const { error, retry, waitMs } = explain(thrown, policy.component);
      const pauseMs = waitMs ?? backOffMs(failures);
      if (!retry || failures >= policy.retries || pauseMs > LONGEST_PAUSE_MS) throw error;
      policy.log?.warn(
        { ...errorFields(error), attempt: failures + 1, pause_ms: Math.round(pauseMs) },
        'provider call is retried',
      );
      await sleep(pauseMs, undefined, { signal: caller }).catch(() => caller.throwIfAborted());
    }
  }
}

/** 250 ms, doubled with each failure, less up to half of it so that clients that failed together don't return together. */
function backOffMs(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS) * (1 - Math.random() / 2);
}

/** Bounds one attempt. Its signal aborts with the caller's reason, or with a `timeout` when the provider is silent for too long. */
export interface Watchdog {
  readonly signal: AbortSignal;
  /** The provider gave a sign of life; the wait starts anew. */
  wait(): void;
  /** Until the next `wait()` it is us who take the time. */
  rest(): void;
  close(): void;
}

/** The first wait begins at once. Aborted already is the caller's affair: look before. */
export function createWatchdog({ component, timeoutMs }: CallPolicy, caller: AbortSignal): Watchdog {
  const controller = new AbortController();
  let waiting = true;
  const follow = () => {
    clearTimeout(timer);
    controller.abort(caller.reason);
  };
  const timer = setTimeout(() => {
    if (waiting) controller.abort(tooSlow(component));
  }, timeoutMs);
  caller.addEventListener('abort', follow, { once: true });

  return {
    signal: controller.signal,
    wait() {
      waiting = true;
      if (!controller.signal.aborted) timer.refresh();
    },
    rest() {
      waiting = false;
    },
    close() {
      clearTimeout(timer);
      caller.removeEventListener('abort', follow);
    },
  };
}
