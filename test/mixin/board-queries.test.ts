import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parser } from '@prometheus-io/lezer-promql';
import { expand } from '../../src/mixin/boards/expand.ts';
import { prometheusNameOf } from '../../src/mixin/names.ts';
import { asShipped } from '../../src/mixin/pace.ts';
import { vocabulary } from '../../src/mixin/promql.ts';
import { rulesOf } from '../../src/mixin/rules/index.ts';
import type { MetricDefinition } from '../../src/telemetry/catalog/define.ts';
import { readDocument } from '../support/markdown.ts';
import { PROMTOOL, runProgram } from '../support/programs.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { shippedQueries } from './shipped-boards.ts';

/** The metric names that an expression selects. */
function namesIn(expr: string): string[] {
  const names: string[] = [];
  parser.parse(expr).iterate({
    enter({ name, from, to, node }) {
      assert.notEqual(name, '⚠', `${expr} does not parse at ${from}`);
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') names.push(expr.slice(from, to));
    },
  });
  return names;
}

test('queries name only metrics that exist', () => {
  const known = new Set(['ALERTS']);
  for (const [name, metric] of Object.entries(vocabulary as Record<string, MetricDefinition>)) {
    const exposed = prometheusNameOf(name, metric);
    const suffixes = metric.kind === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const suffix of suffixes) known.add(`${exposed}${suffix}`);
  }
  const rules = Object.values(rulesOf(asShipped)).flatMap(({ groups }) => groups.flatMap((group) => group.rules));
  for (const rule of rules) if ('record' in rule) known.add(rule.record);
  let seen = 0;
  for (const { board, panel, expr } of shippedQueries()) {
    const names = namesIn(expand(expr, { interval: '1m' }));
    seen += names.length;
    assert.deepEqual(
      names.filter((name) => !known.has(name)),
      [],
      `${board}, ${panel}`,
    );
  }
  assert.ok(seen > 100, `${seen} names`);
});

test('no query mixes what was sent with what was perceived', () => {
  const rules = Object.values(rulesOf(asShipped)).flatMap(({ groups }) => groups.flatMap((group) => group.rules));
  const runbook = readDocument('docs/runbook.md').matchAll(/promtool query instant \S+ '([^']+)'/g);
  const queries = [...shippedQueries(), ...rules]
    .map(({ expr }) => expr)
    .concat([...runbook].map(([, expr = '']) => expr));
  const first = queries.filter((expr) => expr.includes('voice_turn_first_response_seconds'));
  const kinds = first.map((expr) => /\{kind="(\w+)"/.exec(expr)?.[1] ?? /sum by \(([^)]*kind[^)]*)\)/.exec(expr)?.[1]);
  assert.deepEqual([...new Set(kinds)].sort(), ['heard', 'kind, le', 'seen', 'sound', 'text']);
});

test('promtool accepts every query', async () => {
  await using dir = await temporaryDir();
  const rules = shippedQueries().map(({ expr }, i) => ({
    record: `query:${i}`,
    expr: expand(expr, { interval: '1m', job: 'a|b' }),
  }));
  const file = join(dir.path, 'queries.yml');
  await writeFile(file, JSON.stringify({ groups: [{ name: 'boards', rules }] }));
  assert.match(
    await runProgram(PROMTOOL, ['check', 'rules', file]),
    new RegExp(`SUCCESS: ${rules.length} rules found`),
  );
});

test('expansion fills in what is picked, and refuses what it does not know', () => {
  assert.equal(expand('x{job=~"$job"}[$__rate_interval]', { interval: '20s', job: 'a' }), 'x{job=~"a"}[20s]');
  assert.throws(() => expand('x{job=~"$jbo"}', { interval: '20s' }), /\$jbo is no variable/);
});

test('windows are Grafana’s own, except where a longer one is meant', () => {
  const fixed = shippedQueries().filter(({ expr }) => /\[\d+[smhd]\]/.test(expr));
  const allowed = [...new Set(fixed.flatMap(({ expr }) => expr.match(/\[\d+[smhd]\]/g) ?? []))].sort();
  assert.deepEqual(allowed, ['[1h]', '[24h]', '[2m]', '[30m]']);
});
