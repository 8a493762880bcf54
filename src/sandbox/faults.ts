import { z } from 'zod';

export const ENDPOINTS = ['messages', 'count_tokens', 'transcriptions', 'speech', 'models'] as const;
/** The provider endpoints that can be made to fail, and that the ledger counts. */
export type Endpoint = (typeof ENDPOINTS)[number];

const place = z.enum(['headers', 'body']);
const faultSchema = z.strictObject({
  /** Share of the calls that are hit, 0..1. */
  share: z.number().min(0).max(1).optional(),
  /** Only the next so many hits, then the fault is gone. */
  times: z.int().positive().optional(),
  latency_ms: z.number().min(0).max(3_600_000).optional(),
  token_delay_ms: z.number().min(0).max(60_000).optional(),
  status: z.int().min(400).max(599).optional(),
  code: z.enum(['insufficient_quota']).optional(),
  retry_after_s: z.number().min(0).optional(),
  /** Goes silent before the headers, or in the middle of the body, until the client gives up. */
  stall: place.optional(),
  /** Resets the connection before the headers, or in the middle of the body. */
  cut: place.optional(),
  /** Ends a streamed message with `event: error` of this type. */
  stream_error: z.enum(['overloaded_error', 'api_error', 'rate_limit_error']).optional(),
  /** How many text deltas go out before a stall, cut or error in a stream; 3 by default. */
  after_deltas: z.int().min(0).optional(),
  /** The model name that the response claims. */
  model: z.string().min(1).optional(),
});
const entry = z.union([faultSchema, z.array(faultSchema)]);
const planSchema = z.strictObject({
  seed: z.int().optional(),
  messages: entry.optional(),
  count_tokens: entry.optional(),
  transcriptions: entry.optional(),
  speech: entry.optional(),
  models: entry.optional(),
});

/** One way in which calls of an endpoint go wrong; without `share` and `times` it hits all of them. */
export type Fault = z.infer<typeof faultSchema>;
/** Faults by endpoint; an endpoint that is named has its former faults replaced. */
export type FaultPlan = z.infer<typeof planSchema>;

/** The switchboard that tests hold in process and drills reach over HTTP. */
export interface Faults {
  /** Throws with all problems of the plan named, and then changes nothing. */
  set(plan: FaultPlan): void;
  clear(endpoint?: Endpoint): void;
  current(): FaultPlan;
  /** Draws what happens to the next call; of faults that hit together, the earlier wins where they contradict. */
  draw(endpoint: Endpoint): Fault;
}

export function createFaults(initial: FaultPlan = {}): Faults {
  const active = new Map<Endpoint, Fault[]>();
  let random = seededRandom(1);

  function set(plan: FaultPlan): void {
    const parsed = planSchema.safeParse(plan);
    if (!parsed.success) throw new TypeError(z.prettifyError(parsed.error));
    if (parsed.data.seed !== undefined) random = seededRandom(parsed.data.seed);
    for (const endpoint of ENDPOINTS) {
      const faults = parsed.data[endpoint];
      if (faults)
        active.set(
          endpoint,
          [faults].flat().map((fault) => ({ ...fault })),
        );
    }
  }

  function draw(endpoint: Endpoint): Fault {
    const drawn: Fault = {};
    for (const fault of active.get(endpoint) ?? []) {
      if (fault.times === 0 || random() >= (fault.share ?? 1)) continue;
      if (fault.times !== undefined) fault.times -= 1;
      Object.assign(drawn, { ...fault, ...drawn });
    }
    return drawn;
  }

  set(initial);
  return {
    set,
    draw,
    clear(endpoint) {
      for (const name of endpoint ? [endpoint] : ENDPOINTS) active.delete(name);
    },
    current() {
      const live = [...active].map(([endpoint, faults]) => [endpoint, faults.filter(({ times }) => times !== 0)]);
      return Object.fromEntries(live.filter(([, faults]) => faults?.length)) as FaultPlan;
    },
  };
}

/** mulberry32: small, fast, and the same numbers for the same seed on every machine. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
