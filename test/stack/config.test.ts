import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/stack/parts.ts';
import { DEFAULT_PORTS } from '../../scripts/stack/ports.ts';
import { writePrometheusConfig } from '../../scripts/stack/prometheus.ts';
import { OTELCOL, PROMTOOL, runProgram } from '../support/programs.ts';
import { temporaryDir } from '../support/temporary-dir.ts';

test('the collector accepts its configuration, for the native stack and for containers', async () => {
  const config = ['validate', '--config', 'otel-collector.yaml'];
  await runProgram(OTELCOL, config);
  await runProgram(OTELCOL, config, {
    COLLECTOR_HOST: '0.0.0.0',
    COLLECTOR_TRACES_TO: '[otlp_http/traces]',
    COLLECTOR_LOGS_TO: '[otlp_http/logs, debug]',
  });
  await assert.rejects(runProgram(OTELCOL, config, { COLLECTOR_TRACES_TO: '[nowhere]' }), /nowhere/);
});

test('promtool accepts prometheus.yml and the copy for the native stack', async () => {
  await using dir = await temporaryDir();
  const native = join(dir.path, 'prometheus.yml');
  writePrometheusConfig(ROOT, native, DEFAULT_PORTS, '1s');
  await runProgram(PROMTOOL, ['check', 'config', 'prometheus.yml']);
  await runProgram(PROMTOOL, ['check', 'config', native]);
  const text = await readFile(native, 'utf8');
  assert.match(text, /127\.0\.0\.1:8889/);
  assert.match(text, /127\.0\.0\.1:9093/);
  assert.doesNotMatch(text, /otel-collector:|alertmanager:|interval: 5s/);
});

test('neither configuration knows a metric by name', async () => {
  for (const file of ['otel-collector.yaml', 'prometheus.yml']) {
    const text = await readFile(join(ROOT, file), 'utf8');
    assert.doesNotMatch(text, /\b[a-z]+_[a-z_]+_(total|seconds|bytes|ratio)\b/, file);
  }
});
