import { AppError } from '../errors.ts';

export const DEPENDENCIES = ['database', 'redis', 'claude', 'whisper'] as const;
export type Dependency = (typeof DEPENDENCIES)[number];

/** Resolves when the dependency answers well; rejects, or is given up, otherwise. */
export type Probe = (signal: AbortSignal) => Promise<void>;

export type HealthOptions = {
  version: string;
  /** `redis` is undefined when none is configured. */
  probes: Record<'database' | 'claude' | 'whisper', Probe> & { redis: Probe | undefined };
  /** Claude and Whisper are asked at most once in this time. */
  providerIntervalMs?: number;
  /** How old the answer of database or Redis may be when only `up` asks. */
  localIntervalMs?: number;
  localTimeoutMs?: number;
  providerTimeoutMs?: number;
  metrics: () => { active_sessions: number; active_websockets: number; uptime_seconds: number };
  telemetry: () => { status: string; last_export: string | null };
};

type Status = 'healthy' | 'unhealthy' | 'not_configured';
export type HealthBody = {
  status: 'healthy' | 'unhealthy';
  timestamp: string;
  version: string;
  dependencies: {
    database: { status: Status; latency_ms?: number; error?: string };
    redis: { status: Status; latency_ms?: number; error?: string };
    claude_api: { status: Status; last_check?: string; error?: string };
    whisper_api: { status: Status; last_check?: string; error?: string };
  };
  metrics: ReturnType<HealthOptions['metrics']>;
  telemetry: ReturnType<HealthOptions['telemetry']>;
};

export interface Health {
  /** Asks database and Redis now, Claude and Whisper if their last answer is old. 503 when a configured dependency is unhealthy; telemetry never makes it so. */
  report(): Promise<{ httpStatus: 200 | 503; body: HealthBody }>;
  /** The last known answers, for a gauge; undefined for what is not configured or not asked yet. Old answers are renewed in the background. */
  up(): Record<Dependency, boolean | undefined>;
}

/** Health as probed, with the time of each check that was really made. */
export function createHealth(options: HealthOptions): Health {
  const { probes, localTimeoutMs = 2000, providerTimeoutMs = 5000 } = options;
  const { localIntervalMs = 10_000, providerIntervalMs = 60_000 } = options;
  const database = createCheck(probes.database, localTimeoutMs);
  const redis = probes.redis && createCheck(probes.redis, localTimeoutMs);
  const claude = createCheck(probes.claude, providerTimeoutMs);
  const whisper = createCheck(probes.whisper, providerTimeoutMs);

  return {
    async report() {
      const [databaseResult, redisResult, claudeResult, whisperResult] = await Promise.all([
        database.fresh(0),
        redis?.fresh(0),
        claude.fresh(providerIntervalMs),
        whisper.fresh(providerIntervalMs),
      ]);
      const dependencies = {
        database: local(databaseResult),
        redis: redisResult ? local(redisResult) : { status: 'not_configured' as const },
        claude_api: provider(claudeResult),
        whisper_api: provider(whisperResult),
      };
      const healthy = Object.values(dependencies).every(({ status }) => status !== 'unhealthy');
      const body: HealthBody = {
        status: healthy ? 'healthy' : 'unhealthy',
        timestamp: new Date().toISOString(),
        version: options.version,
        dependencies,
        metrics: options.metrics(),
        telemetry: options.telemetry(),
      };
      return { httpStatus: healthy ? 200 : 503, body };
    },
    up() {
      for (const check of [database, redis]) void check?.fresh(localIntervalMs);
      for (const check of [claude, whisper]) void check.fresh(providerIntervalMs);
      return {
        database: database.last()?.ok,
        redis: redis?.last()?.ok,
        claude: claude.last()?.ok,
        whisper: whisper.last()?.ok,
      };
    },
  };
}

type Result = { ok: boolean; error?: string; checkedAt: Date; startedMs: number; latencyMs: number };

/** One dependency's probe: shared while it is in flight, given up after `timeoutMs`, its last result kept. */
function createCheck(probe: Probe, timeoutMs: number) {
  let last: Result | undefined;
  let running: Promise<Result> | undefined;

  async function run(): Promise<Result> {
    const checkedAt = new Date();
    const startedMs = performance.now();
    const error = await outcome(probe, timeoutMs);
    const latencyMs = Math.round((performance.now() - startedMs) * 1000) / 1000;
    last = { ok: error === undefined, error, checkedAt, startedMs, latencyMs };
    running = undefined;
    return last;
  }
  return {
    last: () => last,
    fresh(maxAgeMs: number): Promise<Result> {
      if (last && performance.now() - last.startedMs < maxAgeMs) return Promise.resolve(last);
      running ??= run();
      return running;
    },
  };
}

/** Why the probe failed; undefined when it did not. NOTE: a probe may ignore its signal, so the time-out is a race of its own. */
async function outcome(probe: Probe, timeoutMs: number): Promise<string | undefined> {
  const controller = new AbortController();
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => {
    controller.abort();
    resolve(`no answer in ${timeoutMs} ms`);
  }, timeoutMs);
  const answer = async () => {
    try {
      await probe(controller.signal);
    } catch (thrown) {
      return thrown instanceof AppError ? thrown.message : 'the check failed';
    }
  };
  try {
    return await Promise.race([answer(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function local({ ok, latencyMs, error }: Result) {
  return { status: status(ok), latency_ms: latencyMs, ...(error === undefined ? {} : { error }) };
}

function provider({ ok, checkedAt, error }: Result) {
  return { status: status(ok), last_check: checkedAt.toISOString(), ...(error === undefined ? {} : { error }) };
}

function status(ok: boolean): Status {
  return ok ? 'healthy' : 'unhealthy';
}
