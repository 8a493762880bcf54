import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAgent } from '../support/agent.ts';
import { startCollector } from '../support/collector.ts';
import { parsePrometheusText, type Series, seriesKey } from '../support/prometheus-text.ts';
import { waitFor } from '../support/wait.ts';

const OF_THE_PATH = ['job', 'instance'];

/** What changes by itself between two looks: clocks, memory, the event loop, the agent's own probes. */
const RESTLESS = /^(process_uptime_seconds|nodejs_|v8js_|http_client_request_duration_seconds|database_)/;

const keys = (series: Series[]) => series.map((one) => seriesKey(one, OF_THE_PATH)).sort();
/** `# HELP` and `# TYPE` lines. */
const metadata = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('# HELP') || line.startsWith('# TYPE'))
    .sort();

test('/metrics and the collector show the same names, labels, values, types and help', async () => {
  await using collector = await startCollector();
  await using agent = await startAgent({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint } });
  const post = (path: string, body: object) =>
    fetch(`${agent.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  for (const text of ['What is recursion?', 'Goodbye for now']) {
    assert.equal((await post('/api/conversation', { text, session_id: 's1' })).status, 200);
  }
  assert.equal((await post('/api/search', { query: 'recursion' })).status, 200);
  assert.equal((await fetch(`${agent.url}/nowhere`)).status, 404);

  const ofTheAgent = (text: string) =>
    parsePrometheusText(text).filter(({ name }) => name !== 'target_info' && !name.startsWith('traces_span_metrics'));
  const { local, remote } = await waitFor('the same series on both sides', async () => {
    const local = await agent.metricsText();
    const remote = await collector.metricsText();
    return keys(ofTheAgent(local)).join() === keys(ofTheAgent(remote)).join() ? { local, remote } : undefined;
  });
  const value = (series: Series[]) => new Map(series.map((one) => [seriesKey(one, OF_THE_PATH), one.value]));
  const there = value(ofTheAgent(remote));
  const different = [...value(ofTheAgent(local))].filter(
    ([key, here]) => !RESTLESS.test(key) && there.get(key) !== here,
  );
  assert.deepEqual(different, []);
  assert.ok(there.size > 300, `${there.size} series`);

  const described = new Set(metadata(remote));
  assert.deepEqual(
    metadata(local).filter((line) => !described.has(line)),
    [],
  );

  const target = parsePrometheusText(remote).find(({ name }) => name === 'target_info');
  assert.ok(target, 'the resource is exposed');
  const leaked = Object.keys(target.labels).filter((label) => /command|args|owner|executable|runtime/.test(label));
  assert.deepEqual(leaked, [], 'no command line in it');
  assert.deepEqual(
    [target.labels.job, target.labels.instance?.split(':').at(-1)],
    ['learning_voice_agent', String(agent.ports.agent)],
  );
});

test('watching changes nothing', async () => {
  await using agent = await startAgent({
    env: { OTEL_METRICS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
  });
  const http = async () =>
    parsePrometheusText(await agent.metricsText()).filter(
      ({ name }) => /^http_(requests|request_duration|server)/.test(name) && !name.endsWith('_bucket'),
    );
  const before = await http();
  for (const path of ['/metrics', '/api/metrics', '/api/health', '/livez', '/readyz']) {
    for (let i = 0; i < 3; i++) assert.equal((await fetch(`${agent.url}${path}`)).status, 200);
  }
  assert.deepEqual(await http(), before);
  await fetch(`${agent.url}/`);
  assert.notDeepEqual(await http(), before);
});
