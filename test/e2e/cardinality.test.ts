import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pageModules } from '../../src/edge/page-modules.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { startAgent } from '../support/agent.ts';
import { startCollector } from '../support/collector.ts';
import { parsePrometheusText, sumOf } from '../support/prometheus-text.ts';
import { startRedis } from '../support/redis.ts';
import { visit } from '../support/visit.ts';
import { waitFor } from '../support/wait.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');

/** The budgets that docs/operations.md states, in series for each instance. */
function budget(of: string): number {
  const found = new RegExp(`\\| ${of} \\| [^|]+\\| at most ([\\d,]+) \\|`).exec(page)?.[1];
  assert.ok(found, `docs/operations.md states the budget of ${of}`);
  return Number(found.replaceAll(',', ''));
}

/** Asks for the page and all its files as a browser does, and once more with what it knows by then. */
async function loadPage(url: string): Promise<void> {
  const front = await fetch(url, { headers: { accept: 'text/html' } });
  const named = [...(await front.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
  const early = [...(front.headers.get('link') ?? '').matchAll(/<([^>]+)>/g)].map(([, path]) => path);
  const { scripts, files } = pageModules();
  const paths = new Set([...named, ...early, ...scripts.keys(), ...files.keys()]);
  assert.ok(paths.size > 50, `${paths.size} files`);
  for (const path of paths) {
    const first = await fetch(url + path);
    const headers = { 'if-none-match': first.headers.get('etag') ?? '', 'cache-control': 'max-age=0' };
    await first.arrayBuffer();
    const again = await fetch(url + path, { headers });
    assert.deepEqual([first.status, again.status], [200, 304], path);
  }
}

test('one instance keeps within its budget of series after all sorts of turns and failures', async () => {
  await using collector = await startCollector();
  await using redis = await startRedis();
  const sandbox = await startSandbox();
  try {
    await using agent = await startAgent({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        REDIS_URL: redis.url,
        SANDBOX_URL: `http://127.0.0.1:${sandbox.port}`,
        PROVIDER_RETRIES: '0',
        BUDGET_SESSION_USD: '0',
        BUDGET_MONTH_USD: '0',
      },
    });
    await visit(agent.url, sandbox, 4);
    await loadPage(agent.url);
    const series = parsePrometheusText(await agent.metricsText());
    const own = series.length;
    const routes = new Set(series.map(({ labels }) => labels.http_route).filter((route) => route?.includes('*')));
    assert.deepEqual([...routes].sort(), ['/client/*file', '/listening/*file', '/page/*file', '/vendor/*file']);
    // NOTE: stopping sends what is left; the spans are all there once the collector has counted each that it took.
    await agent.stop();
    const spans = await waitFor('every span counted', async () => {
      const counted = parsePrometheusText(await collector.metricsText());
      const taken = parsePrometheusText(await collector.selfText());
      const [calls, accepted] = [
        sumOf(counted, 'traces_span_metrics_calls_total'),
        sumOf(taken, 'otelcol_receiver_accepted_spans_total'),
      ];
      if (calls === 0 || calls !== accepted) throw new Error(`${calls} of ${accepted}`);
      return counted.filter(({ name }) => name.startsWith('traces_span_metrics_')).length;
    });
    console.log(`${own} series of its own, ${spans} of its spans`);
    for (const [what, count] of [
      ['the agent’s own', own],
      ['its spans’', spans],
    ] as const) {
      const most = budget(what);
      assert.ok(count <= most, `${what} series: ${count}, the budget is ${most}`);
      // A budget that is never half used hides growth.
      assert.ok(count >= most / 2, `${what} series: only ${count}; lower the budget of ${most}`);
    }
  } finally {
    await sandbox.stop();
  }
});
