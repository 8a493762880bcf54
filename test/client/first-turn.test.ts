import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { disagreements, moved, table } from '../../scripts/first-turn/table.ts';
import { ROOT } from '../../scripts/stack/parts.ts';
import { startAgent } from '../support/agent.ts';
import { startCollector } from '../support/collector.ts';
import { startPrometheus } from '../support/prometheus.ts';

async function firstTurn(env: Record<string, string>) {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/first-turn.ts')], { env });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { out, err, code };
}

test('the first turn shows the same numbers in four windows, twice', async () => {
  await using collector = await startCollector();
  await using prometheus = await startPrometheus(collector);
  await using agent = await startAgent({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint } });
  for (const _ of ['first', 'again']) {
    const { out, err, code } = await firstTurn({ AGENT_URL: agent.url, PROMETHEUS_URL: prometheus.url });
    assert.equal(err, '');
    assert.equal(code, 0, out);
    assert.match(out, /^You {5}.*amiable himself$/m);
    assert.match(out, /^ {8}speak {6}[█▏▎▍▌▋▊▉]+/m);
    assert.match(out, /^voice_turns_total, answered +1 +1 +1 +1 {2}✓$/m);
    assert.match(out, /^whisper_api_calls_total +1 +1 +1 +1 {2}✓$/m);
    assert.match(out, /^claude_api_tokens_total +– +– +(\d+) +\1 {2}✓$/m);
    assert.match(out, /^api_cost_total, USD +(0\.00\d+) +\1 +\1 +\1 {2}✓$/m);
    assert.match(out, /^websocket_messages_total, received +4 +– +4 +4 {2}✓$/m);
    assert.match(out, /^All four windows agree ✓$/m);
    assert.match(out, new RegExp(`npm run talk -- --url ${agent.url} --text`));
  }
  const { err, code } = await firstTurn({ AGENT_URL: agent.url, PROMETHEUS_URL: 'http://127.0.0.1:1' });
  assert.match(err, /The first turn failed: http:\/\/127\.0\.0\.1:1 does not answer.*make status/);
  assert.equal(code, 1);
});

test('numbers that differ, and one that is missing, are named with their windows', () => {
  const before = {
    ledger: [0, 0, 0, undefined, 0, 0],
    text: [5, 5, 5, 100, 0.1, 7],
    prometheus: [5, 5, 5, 100, 0.1, 7],
  };
  const after = {
    ledger: [1, 1, 1, undefined, 0.2, 4],
    text: [6, 6, 6, 110, 0.30000000000000004, 11],
    prometheus: [6, 7, 6, Number.NaN, 0.3, 11],
  };
  const shown = moved(before, after);
  assert.deepEqual(disagreements(shown), [
    'whisper_api_calls_total: 1 in ledger, 1 in text, 2 in prometheus',
    'claude_api_tokens_total: 10 in text, missing in prometheus',
  ]);
  assert.deepEqual(
    table(shown).map((line) => line.at(-1)),
    ['s', '✓', '✗', '✓', '✗', '✓', '✓'],
  );
});
