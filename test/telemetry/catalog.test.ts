import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { metricsPage } from '../../src/mixin/docs.ts';
import type { MetricDefinition } from '../../src/telemetry/catalog/define.ts';
import { catalog, rooms } from '../../src/telemetry/catalog/index.ts';

const definitions = Object.entries(catalog as Record<string, MetricDefinition>);

/** The names that dashboards, alerts and other people's queries hold on to: taking one away breaks them. */
const PROMISED = `
http_requests_total http_request_duration_seconds http_requests_in_progress
claude_api_calls_total claude_api_duration_seconds claude_api_tokens_total
whisper_api_calls_total whisper_api_duration_seconds
websocket_connections_active websocket_messages_total websocket_connection_duration_seconds
database_queries_total database_query_duration_seconds database_connections_active
cache_operations_total cache_hit_ratio
sessions_active sessions_total session_duration_seconds
conversation_exchanges_total conversation_quality_score user_engagement_score
audio_processing_duration_seconds audio_size_bytes
api_cost_total api_cost_unpriced_total errors_total api_errors_total
voice_turns_total voice_turn_duration_seconds voice_turn_first_response_seconds voice_turn_stage_duration_seconds
voice_slo_turns_total process_uptime_seconds agent_build_info dependency_up budget_spent_ratio
telemetry_dropped_points_total telemetry_self_check`
  .trim()
  .split(/\s+/);

test('every promised metric is in the catalog, and no room says a name twice', () => {
  const names = definitions.map(([name]) => name);
  assert.deepEqual(
    PROMISED.filter((name) => !names.includes(name)),
    [],
  );
  const all = Object.values(rooms).flatMap((room) => Object.keys(room));
  assert.equal(new Set(all).size, all.length);
});

test('names, units and buckets are such that the collector changes no name', () => {
  for (const [name, { kind, unit, buckets, help }] of definitions) {
    if (name.includes('.')) continue;
    assert.match(name, /^[a-z][a-z0-9_]*$/);
    assert.equal(name.endsWith('_total'), kind === 'counter', `${name}: _total is for counters`);
    assert.equal(name.endsWith('_seconds'), unit === 's', `${name}: seconds and unit s go together`);
    assert.equal(name.endsWith('_bytes'), unit === 'By', `${name}: bytes and unit By go together`);
    assert.equal(name.endsWith('_ratio'), unit === '1', `${name}: ratio and unit 1 go together`);
    assert.match(unit, /^(s|By|1|\{[a-z]+\}|)$/, `${name}: unit ${unit}`);
    assert.ok(help.endsWith('.'), `${name}: help is a sentence`);
    assert.equal(buckets !== undefined, kind === 'histogram', name);
    if (buckets)
      assert.deepEqual(
        [...buckets].sort((a, b) => a - b),
        buckets,
        `${name}: buckets ascend`,
      );
  }
});

test('the label sets that start with 0 use labels and values of their metric', () => {
  for (const [name, { zero, labels }] of definitions) {
    for (const set of zero ?? []) {
      assert.deepEqual(Object.keys(set).sort(), Object.keys(labels).sort(), name);
      for (const [label, value] of Object.entries(set)) {
        assert.ok((labels[label] as readonly string[]).includes(value as string), `${name}: ${label}=${value}`);
      }
    }
  }
});

test('every metric of the catalog is recorded somewhere, by its name', () => {
  const root = new URL('../../src/', import.meta.url);
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('telemetry/catalog') && !file.startsWith('mixin'))
    .map((file) => readFileSync(new URL(file, root), 'utf8'))
    .join('\n');
  const recorded = (name: string) =>
    name.includes('.')
      ? sources.includes(`instruments['${name}']`)
      : new RegExp(`\\b(?:instruments\\.|as Instruments\\)\\.)${name}\\b`).test(sources) ||
        new RegExp(`${'{'} ${name}\\b.*${'}'} = `).test(sources);
  assert.deepEqual(
    definitions.map(([name]) => name).filter((name) => !recorded(name)),
    [],
  );
});

test('docs/metrics.md is what the generator makes', () => {
  assert.equal(readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8'), metricsPage());
});
