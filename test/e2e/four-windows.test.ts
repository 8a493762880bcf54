import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import knex from 'knex';
import { createSqlStore } from '../../src/adapters/sql-store.ts';
import type { Ledger } from '../../src/client/ledger.ts';
import { prometheusNameOf } from '../../src/mixin/names.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { catalog } from '../../src/telemetry/catalog/index.ts';
import type { MetricsReport } from '../../src/telemetry/report.ts';
import { type RunningAgent, startAgent } from '../support/agent.ts';
import { type RunningCollector, startCollector } from '../support/collector.ts';
import { readDocument, sectionOf, tableRows } from '../support/markdown.ts';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';
import { parsePrometheusText, type Series, seriesKey, sumOf } from '../support/prometheus-text.ts';
import { startRedis } from '../support/redis.ts';
import type { RunningPart } from '../support/running-part.ts';
import { visit } from '../support/visit.ts';
import { waitFor } from '../support/wait.ts';
import { ALERTS, BY_THEIR_OWN_FAULT, CONDITIONS, QUERIES } from './known-queries.ts';

const LEARNERS = 4;

let sandbox: Sandbox;
let collector: RunningCollector;
let prometheus: RunningPrometheus;
let redis: RunningPart & { url: string };
let agent: RunningAgent;
let ledger: Ledger;
let problems: number;

before(async () => {
  sandbox = await startSandbox();
  [collector, redis] = await Promise.all([startCollector(), startRedis()]);
  prometheus = await startPrometheus(collector);
  agent = await startAgent({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      REDIS_URL: redis.url,
      SANDBOX_URL: `http://127.0.0.1:${sandbox.port}`,
      PROVIDER_RETRIES: '0',
      BUDGET_SESSION_USD: '0',
      BUDGET_MONTH_USD: '0',
    },
  });
  await prometheus.waitForValue('count(voice_turns_total)', 5);
  const first = await visit(agent.url, sandbox, LEARNERS);
  // A rate needs a histogram to be there before it grows: the second round is seen as an increase of everything.
  await prometheus.scraped();
  const second = await visit(agent.url, sandbox, LEARNERS, first.ledger);
  ledger = first.ledger;
  problems = first.problems.length + second.problems.length;
  // Sockets that close are counted a moment after the client has gone.
  await waitFor('all sockets closed', async () =>
    sumOf(await local(), 'websocket_connections_active') === 0 ? true : undefined,
  );
});

after(async () => {
  for (const part of [agent, prometheus, redis, collector]) await part?.[Symbol.asyncDispose]();
  await sandbox?.stop();
});

const local = async () => parsePrometheusText(await agent.metricsText());
const COUNTS = /(_total|_count)$/;
const counts = (series: Series[]) =>
  new Map(
    series
      .filter(
        ({ name }) => COUNTS.test(name) && !name.startsWith('traces_span_metrics') && !/^(nodejs|v8js)_/.test(name),
      )
      .map((one) => [seriesKey(one, ['job', 'instance']), one.value]),
  );

test('every counter and every histogram’s count is the same in /metrics, in the collector and in Prometheus', async () => {
  const stored = async () => {
    const series = await prometheus.query('{job="learning_voice_agent", __name__=~".+(_total|_count)"}');
    return counts(series.map(({ labels: { __name__: name = '', ...labels }, value }) => ({ name, labels, value })));
  };
  let difference: unknown[] = [];
  await waitFor(
    'three equal windows',
    async () => {
      // NOTE: the agent's own probes and pings go on, so the windows are compared until they were looked at between two of them.
      const [here, there, kept] = [
        counts(await local()),
        counts(parsePrometheusText(await collector.metricsText())),
        await stored(),
      ];
      assert.ok(here.size > 200, `${here.size} counts`);
      difference = [...here].filter(([key, value]) => there.get(key) !== value || kept.get(key) !== value);
      if (difference.length > 0 || there.size !== here.size || kept.size !== here.size) {
        throw new Error(
          `${here.size}, ${there.size}, ${kept.size} counts; different: ${JSON.stringify(difference.slice(0, 5))}`,
        );
      }
      return true;
    },
    60_000,
  );
});

test('what the clients counted themselves is what the agent says', async () => {
  const series = await local();
  const here = new Map(series.map((one) => [seriesKey(one), one.value]));
  const own = ledger.counters();
  assert.equal(ledger.lostTurns, 0);
  for (const kind of ['seen', 'heard']) {
    assert.equal(own.get(`voice_turn_first_response_seconds_count{kind="${kind}"}`), 2 * 2 * LEARNERS, kind);
  }
  const cost = own.get('api_cost_total') ?? 0;
  own.delete('api_cost_total');
  assert.deepEqual(
    [...own].filter(([key, value]) => here.get(key) !== value).map(([key, value]) => [key, value, here.get(key)]),
    [],
  );
  // The other way round: of these metrics the agent says nothing that no client has seen.
  const told =
    /^(http_requests_total|websocket_messages_total|voice_turns_total|conversation_exchanges_total|sessions_total|audio_size_bytes_count|voice_turn_first_response_seconds_count\{kind="(seen|heard)")/;
  const unseen = [...here].filter(([key, value]) => told.test(key) && value !== 0 && own.get(key) === undefined);
  assert.deepEqual(unseen, []);
  assert.ok(
    Math.abs(sumOf(series, 'api_cost_total') - cost) < 1e-9,
    `${sumOf(series, 'api_cost_total')} against ${cost} USD`,
  );
  assert.ok(cost > 0);
});

test('costs in the database, at the agent and at the clients are one', async () => {
  const store = await createSqlStore({ url: `sqlite:${agent.dir}/data/agent.db` });
  const stored = await store.spentUsd({});
  await store.close();
  assert.ok(Math.abs(stored - ledger.costUsd) < 1e-9, `${stored} against ${ledger.costUsd} USD`);
  const unpriced = sumOf(await local(), 'api_cost_unpriced_total', { provider: 'anthropic' });
  assert.equal(unpriced, 2, 'one call a round had a model without a price');
});

test('calls, tokens and seconds are those that the providers counted', async () => {
  await sandbox.calls.idle();
  const series = await local();
  const totals = sandbox.calls.totals();
  assert.equal(sumOf(series, 'claude_api_calls_total'), totals.messages.calls);
  assert.equal(sumOf(series, 'whisper_api_calls_total'), totals.transcriptions.calls);
  const tokens = (type: string) => sumOf(series, 'claude_api_tokens_total', { type });
  assert.equal(tokens('input'), totals.messages.input_tokens);
  assert.equal(tokens('cache_read'), totals.messages.cache_read_input_tokens);
  assert.equal(tokens('cache_write'), totals.messages.cache_creation_input_tokens);
  const { messages, transcriptions } = totals;
  const failed = messages.by_outcome.error + messages.by_outcome.broken;
  assert.equal(sumOf(series, 'claude_api_calls_total', { status: 'error' }), failed);
  assert.equal(sumOf(series, 'whisper_api_calls_total', { status: 'error' }), transcriptions.by_outcome.error);
});

test('every second, token and character that was paid for is in a cost row', async () => {
  const rows = await costRows(`${agent.dir}/data/agent.db`);
  const booked = (provider: string, unit: string) =>
    rows.filter((row) => row.provider === provider).reduce((sum, { units }) => sum + (units[unit] ?? 0), 0);
  const { messages, transcriptions, speech } = sandbox.calls.totals();
  assert.equal(booked('anthropic', 'input'), messages.input_tokens);
  assert.equal(booked('anthropic', 'cache_read'), messages.cache_read_input_tokens);
  assert.ok(Math.abs(booked('openai', 'seconds') - transcriptions.audio_seconds) < 0.01);
  // A sentence that was broken off on its way is not booked: nobody can know whether it was billed.
  assert.ok(speech.by_outcome.cancelled > 0 || booked('openai', 'characters') === speech.characters);
  assert.ok(booked('openai', 'characters') > 0 && booked('openai', 'characters') <= speech.characters);
});

test('each failure was counted once, by kind', async () => {
  const series = await local();
  // The voice that failed is no problem of its own: the reply tells it.
  assert.equal(sumOf(series, 'errors_total'), problems + 2);
  assert.equal(sumOf(series, 'api_errors_total'), 2 * 6, '529, two cuts, a 429, Whisper and a voice, in each round');
});

test('/api/metrics says the same as /metrics', async () => {
  const report = await agent.json<MetricsReport>('/api/metrics');
  const series = await local();
  assert.equal(report.requests.total, sumOf(series, 'http_requests_total'));
  assert.equal(report.sessions.total, sumOf(series, 'sessions_total'));
  assert.equal(report.errors.total, sumOf(series, 'errors_total'));
  assert.equal(report.turns.total, sumOf(series, 'voice_turns_total'));
  for (const [outcome, count] of Object.entries(report.turns.by_outcome)) {
    assert.equal(count, sumOf(series, 'voice_turns_total', { outcome }), outcome);
  }
  const { claude, whisper } = report.external_apis;
  assert.equal(claude.calls, sumOf(series, 'claude_api_calls_total'));
  assert.equal(claude.errors, sumOf(series, 'claude_api_calls_total', { status: 'error' }));
  assert.equal(whisper.calls, sumOf(series, 'whisper_api_calls_total'));
  assert.equal(report.costs.total_usd, sumOf(series, 'api_cost_total'));
  assert.ok(Math.abs(report.costs.month_usd - ledger.costUsd) < 1e-9);
  assert.equal(report.cache.hit_ratio, sumOf(series, 'cache_hit_ratio'));
  assert.ok(report.outliers.length > 0 && report.outliers.every(({ trace_id }) => /^[0-9a-f]{32}$/.test(trace_id)));
});

test('every metric of the catalog has a datum in Prometheus', async () => {
  const missing: string[] = [];
  for (const [name, definition] of Object.entries(catalog)) {
    const exposed = prometheusNameOf(name, definition);
    const [found] = await prometheus.query(`count(${definition.kind === 'histogram' ? `${exposed}_count` : exposed})`);
    if (!found) missing.push(exposed);
  }
  assert.deepEqual(missing, []);
});

test('every patch was seen to work', async () => {
  const [broken] = await prometheus.query('min(telemetry_self_check)');
  assert.equal(broken?.value, 1, JSON.stringify(await prometheus.query('telemetry_self_check == 0')));
});

test('the queries that operators know all parse, and give data after such a visit', async () => {
  const empty: string[] = [];
  for (const query of QUERIES) {
    const samples = await prometheus.query(query);
    if (!samples.some(({ value }) => Number.isFinite(value))) empty.push(query);
  }
  assert.deepEqual(empty, []);
  for (const condition of [...ALERTS, ...CONDITIONS]) await prometheus.query(condition);
});

test('what gives nothing by its own fault gives nothing', async () => {
  for (const query of BY_THEIR_OWN_FAULT)
    assert.deepEqual(await prometheus.query(query), [], `${query} has data after all`);
});

test('docs/operations.md has the right form of each of them, and it gives data', async () => {
  const rows = tableRows(sectionOf(readDocument('docs/operations.md'), 'Queries'));
  assert.deepEqual(rows.map(([query]) => query).sort(), [...QUERIES, ...CONDITIONS, ...BY_THEIR_OWN_FAULT].sort());
  for (const [query = '', form = '', because] of rows) {
    const right = form === 'the same' ? query : form;
    assert.ok(because, `${query} has its reason`);
    const samples = await prometheus.query(right);
    if (CONDITIONS.includes(query)) continue;
    assert.ok(samples.length > 0, `${right} gives nothing`);
    assert.ok(
      samples.every(({ value }) => Number.isFinite(value)),
      `${right} gives ${samples.map(({ value }) => value)}`,
    );
  }
});

test('every query of docs/runbook.md is one that Prometheus takes', async () => {
  const queries = [...readDocument('docs/runbook.md').matchAll(/promtool query instant \S+ '([^']+)'/g)];
  assert.ok(queries.length > 20);
  for (const [, query = ''] of queries) await prometheus.query(query);
});

type CostRow = { provider: string; units: Record<string, number> };

/** The rows that the agent's database has, read from outside. */
async function costRows(file: string): Promise<CostRow[]> {
  const database = knex({ client: 'sqlite3', connection: { filename: file }, useNullAsDefault: true });
  try {
    const rows: { provider: string; units: string }[] = await database('costs').select('provider', 'units');
    return rows.map(({ provider, units }) => ({ provider, units: JSON.parse(units) }));
  } finally {
    await database.destroy();
  }
}
