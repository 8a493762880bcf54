import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHealth, type HealthOptions } from '../../src/edge/health.ts';
import { AppError } from '../../src/errors.ts';
import { startEdge } from './support.ts';

const unavailable = async () => {
  throw new AppError('provider_unavailable', 'database', 'no such host');
};

function healthOf(
  options: Omit<Partial<HealthOptions>, 'probes'> & { probes?: Partial<HealthOptions['probes']> } = {},
) {
  const asked = { database: 0, redis: 0, claude: 0, whisper: 0 };
  const ask = (name: keyof typeof asked) => async () => {
    asked[name] += 1;
  };
  const probes = { database: ask('database'), redis: ask('redis'), claude: ask('claude'), whisper: ask('whisper') };
  const health = createHealth({
    version: '1.2.3',
    metrics: () => ({ active_sessions: 5, active_websockets: 3, uptime_seconds: 3600 }),
    telemetry: () => ({ status: 'unhealthy', last_export: null }),
    ...options,
    probes: { ...probes, ...options.probes },
  });
  return { health, asked };
}

test('a report has the guide’s fields, and the time of checks that were made', async () => {
  const before = Date.now();
  const { httpStatus, body } = await healthOf().health.report();
  const after = Date.now();
  assert.equal(httpStatus, 200);
  const { database, redis, claude_api, whisper_api } = body.dependencies;
  for (const { status, latency_ms } of [database, redis]) {
    assert.equal(status, 'healthy');
    assert.ok(latency_ms !== undefined && latency_ms >= 0);
  }
  for (const { status, last_check } of [claude_api, whisper_api]) {
    assert.equal(status, 'healthy');
    const at = Date.parse(last_check ?? '');
    assert.ok(at >= before && at <= after, last_check);
  }
  assert.deepEqual(
    { ...body, timestamp: '', dependencies: {} },
    {
      status: 'healthy',
      timestamp: '',
      version: '1.2.3',
      dependencies: {},
      metrics: { active_sessions: 5, active_websockets: 3, uptime_seconds: 3600 },
      telemetry: { status: 'unhealthy', last_export: null },
    },
    'telemetry that is down makes nobody unhealthy',
  );
});

test('each dependency that fails makes it 503 and says why; Redis that is not configured does not', async () => {
  const names = { database: 'database', redis: 'redis', claude: 'claude_api', whisper: 'whisper_api' } as const;
  for (const [probe, name] of Object.entries(names) as [keyof typeof names, (typeof names)[keyof typeof names]][]) {
    const { health } = healthOf({ probes: { [probe]: unavailable } });
    const { httpStatus, body } = await health.report();
    assert.deepEqual([httpStatus, body.status], [503, 'unhealthy'], name);
    assert.equal(body.dependencies[name].status, 'unhealthy');
    assert.equal(body.dependencies[name].error, 'no such host');
    assert.equal(health.up()[probe], false);
  }
  const { health } = healthOf({ probes: { redis: undefined } });
  const { httpStatus, body } = await health.report();
  assert.deepEqual([httpStatus, body.dependencies.redis], [200, { status: 'not_configured' }]);
  assert.equal(health.up().redis, undefined);
});

test('a probe that never answers is given up, and its failure stays its own', async () => {
  let aborted = false;
  const { health } = healthOf({
    localTimeoutMs: 5,
    probes: {
      database: (signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
        }),
      claude: () => {
        throw new Error('password=hunter2');
      },
    },
  });
  const { body } = await health.report();
  assert.equal(body.dependencies.database.error, 'no answer in 5 ms');
  assert.ok(aborted);
  assert.equal(body.dependencies.claude_api.error, 'the check failed', 'what is no problem of ours is not quoted');
});

test('the providers are asked once a minute however many ask at once; the database each time', async () => {
  const { health, asked } = healthOf();
  const reports = await Promise.all([health.report(), health.report(), health.report()]);
  assert.deepEqual(asked, { database: 1, redis: 1, claude: 1, whisper: 1 }, 'shared while in flight');
  const later = await health.report();
  assert.deepEqual(asked, { database: 2, redis: 2, claude: 1, whisper: 1 });
  const checks = [...reports, later].map(({ body }) => body.dependencies.claude_api.last_check);
  assert.equal(new Set(checks).size, 1, 'the time of the one check');

  const eager = healthOf({ providerIntervalMs: 0 });
  await eager.health.report();
  await eager.health.report();
  assert.equal(eager.asked.claude, 2);
});

test('the gauge knows nothing before the first answer, and has it fetched', async () => {
  const { health, asked } = healthOf();
  assert.deepEqual(health.up(), { database: undefined, redis: undefined, claude: undefined, whisper: undefined });
  await health.report();
  assert.deepEqual(health.up(), { database: true, redis: true, claude: true, whisper: true });
  assert.deepEqual(asked, { database: 1, redis: 1, claude: 1, whisper: 1 });
});

test('GET /api/health answers with the report’s status', async () => {
  const probes = { database: unavailable, redis: undefined, claude: async () => {}, whisper: async () => {} };
  await using edge = await startEdge({ health: { probes } });
  const response = await fetch(`${edge.url}/api/health`);
  assert.equal(response.status, 503);
  assert.equal(((await response.json()) as { status: string }).status, 'unhealthy');
  assert.deepEqual([edge.requests, edge.errors], [[], []]);
});
