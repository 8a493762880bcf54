import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments, stringify } from 'yaml';
import { ROOT } from '../../scripts/stack/parts.ts';
import { boardFiles } from '../../src/mixin/boards/index.ts';
import { kubernetesFiles } from '../../src/mixin/kubernetes.ts';
import { asShipped } from '../../src/mixin/pace.ts';
import { rulesOf } from '../../src/mixin/rules/index.ts';
import { PROMTOOL, runProgram } from '../support/programs.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { readYaml } from './compose.ts';

const PYTHON = join(ROOT, '.stack/kubernetes/bin/python');
const check = (...files: string[]) =>
  runProgram(PYTHON, ['deploy/tools/kubernetes/check.py', '.stack/kubernetes/definitions', ...files]);

const files = kubernetesFiles('<h1>Runbook</h1>');
const objects = (name: string) => parseAllDocuments(files[name] ?? '').map((each) => each.toJS());
const shipped = Object.values(rulesOf(asShipped)).flatMap(({ groups }) => groups);

test("every object fits Kubernetes' and the operator's definitions", async () => {
  await using dir = await temporaryDir();
  const paths = [];
  for (const [name, text] of Object.entries(files)) {
    paths.push(join(dir.path, name));
    await writeFile(join(dir.path, name), text);
  }
  await check('deploy/kubernetes/servicemonitor.yaml', ...paths);
});

test('the check finds what is wrong', async () => {
  await using dir = await temporaryDir();
  const wrong = join(dir.path, 'wrong.yaml');
  const refused = async (text: string, complaint: RegExp) => {
    await writeFile(wrong, text);
    await assert.rejects(check(wrong), ({ stdout }: { stdout: string }) => complaint.test(stdout));
  };
  await refused((files['dashboards.yaml'] as string).replace('\ndata:', '\ndate:'), /'date' was unexpected/);
  await refused((files['prometheus-rules.yaml'] as string).replace('severity: critical', 'severity: 1'), /severity/);
  await refused((files['prometheus-rules.yaml'] as string).replace('annotations:', 'annotation:'), /annotation/);
  const monitor = await readFile(join(ROOT, 'deploy/kubernetes/servicemonitor.yaml'), 'utf8');
  await refused(monitor.replace('honorLabels', 'honourLabels'), /honourLabels/);
});

test('the PrometheusRule holds the shipped groups, and promtool accepts them', async () => {
  const [rule] = objects('prometheus-rules.yaml');
  assert.deepEqual(rule.spec.groups, JSON.parse(JSON.stringify(shipped)));
  await using dir = await temporaryDir();
  const path = join(dir.path, 'rules.yml');
  await writeFile(path, stringify(rule.spec));
  const rules = shipped.reduce((sum, group) => sum + group.rules.length, 0);
  assert.match(await runProgram(PROMTOOL, ['check', 'rules', path]), new RegExp(`${rules} rules found`));
});

test('rules and monitor carry the one label by which kube-prometheus-stack selects both; the runbook says where it belongs', () => {
  const [rule] = objects('prometheus-rules.yaml');
  const monitor = readYaml('deploy/kubernetes/servicemonitor.yaml');
  assert.equal(rule.metadata.labels.release, 'kube-prometheus-stack');
  assert.equal(monitor.metadata.labels.release, rule.metadata.labels.release);
  assert.match(files['runbook.yaml'] ?? '', /namespace of the Prometheus object/);
});

test('every board is a ConfigMap that Grafana finds, and small enough for kubectl apply', () => {
  const maps = objects('dashboards.yaml');
  assert.equal(maps.length, Object.keys(boardFiles()).length);
  for (const { metadata, data } of maps) {
    assert.equal(metadata.labels.grafana_dashboard, '1');
    const [[file, json]] = Object.entries(data) as [[string, string]];
    assert.ok(JSON.parse(json).uid, file);
    // It keeps a copy of what it applied in an annotation, which holds 256 KiB.
    assert.ok(JSON.stringify(json).length < 250_000, `${file} has ${json.length} characters`);
  }
  assert.equal(new Set(maps.map(({ metadata }) => metadata.name)).size, maps.length);
});

test('the ServiceMonitor gives the same jobs to the same targets as prometheus.yml, and keeps the labels of agents', () => {
  const monitor = readYaml('deploy/kubernetes/servicemonitor.yaml');
  const { scrape_configs: scrapes } = readYaml('prometheus.yml');
  assert.deepEqual(
    monitor.spec.endpoints.map(
      ({ relabelings }: { relabelings: { targetLabel?: string; replacement?: string }[] }) =>
        relabelings.find(({ targetLabel }) => targetLabel === 'job')?.replacement,
    ),
    scrapes.map(({ job_name }: { job_name: string }) => job_name),
  );
  for (const { honorLabels, interval } of monitor.spec.endpoints) {
    assert.equal(honorLabels, true);
    assert.equal(interval, readYaml('prometheus.yml').global.scrape_interval);
  }
});
