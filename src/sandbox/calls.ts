import { ENDPOINTS, type Endpoint } from './faults.ts';

/** What a provider would bill, in its own units. */
export interface Billed {
  input_tokens: number;
  output_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  /** Exact length of the audio that was transcribed or spoken. */
  audio_seconds: number;
  characters: number;
}

/** How a call ended: `cancelled` by the client, `broken` by a fault after it began. */
export type Outcome = 'ok' | 'error' | 'cancelled' | 'broken';

/** One call while it runs: handlers add to `billed` as soon as a provider would charge for it. */
export interface Call {
  readonly endpoint: Endpoint;
  readonly billed: Billed;
  model: string | null;
  broken: boolean;
  end(status: number | null, outcome: Outcome): void;
}

/** Totals of an endpoint; `by_status` has `none` for calls that ended before their headers. */
export interface EndpointTotals extends Billed {
  calls: number;
  in_progress: number;
  by_status: Record<string, number>;
  by_outcome: Record<Outcome, number>;
}

/** The sandbox's own count of what it served: an independent witness against which a client's numbers are held. */
export interface Calls {
  begin(endpoint: Endpoint): Call;
  totals(): Record<Endpoint, EndpointTotals>;
  /** Totals by model, for holding costs against. */
  byModel(): Record<string, Billed & { calls: number }>;
  /** Resolves when nothing is in progress. */
  idle(): Promise<void>;
  /** Forgets what has ended; calls in progress will be counted when they end. */
  reset(): void;
}

export function createCalls(): Calls {
  let totals = emptyTotals();
  let models = new Map<string, Billed & { calls: number }>();
  let running = 0;
  let waiting: (() => void)[] = [];

  function settle(call: Call, status: number | null, outcome: Outcome): void {
    const total = totals[call.endpoint];
    total.in_progress -= 1;
    total.calls += 1;
    const key = String(status ?? 'none');
    total.by_status[key] = (total.by_status[key] ?? 0) + 1;
    total.by_outcome[outcome] += 1;
    add(total, call.billed);
    if (call.model) {
      const model = models.get(call.model) ?? { calls: 0, ...nothing() };
      model.calls += 1;
      add(model, call.billed);
      models.set(call.model, model);
    }
    running -= 1;
    if (running > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  return {
    begin(endpoint) {
      running += 1;
      totals[endpoint].in_progress += 1;
      const call: Call = {
        endpoint,
        billed: nothing(),
        model: null,
        broken: false,
        end: (status, outcome) => settle(call, status, outcome),
      };
      return call;
    },
    totals: () => totals,
    byModel: () => Object.fromEntries(models),
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    reset() {
      const former = totals;
      totals = emptyTotals();
      for (const endpoint of ENDPOINTS) totals[endpoint].in_progress = former[endpoint].in_progress;
      models = new Map();
    },
  };
}

function emptyTotals(): Record<Endpoint, EndpointTotals> {
  const empty = ENDPOINTS.map((endpoint) => [
    endpoint,
    {
      calls: 0,
      in_progress: 0,
      by_status: {},
      by_outcome: { ok: 0, error: 0, cancelled: 0, broken: 0 },
      ...nothing(),
    },
  ]);
  return Object.fromEntries(empty);
}

function nothing(): Billed {
  return {
    input_tokens: 0,
    output_tokens: 0,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    audio_seconds: 0,
    characters: 0,
  };
}

function add(sum: Billed, part: Billed): void {
  for (const key of Object.keys(part) as (keyof Billed)[]) sum[key] += part[key];
}
