import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expand } from '../../src/mixin/boards/expand.ts';
import { asShipped, hurried } from '../../src/mixin/pace.ts';
import { rulesOf } from '../../src/mixin/rules/index.ts';
import { badTurns } from '../../src/mixin/rules/recordings.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { shippedQueries } from '../mixin/shipped-boards.ts';
import { type RunningAgent, startAgent } from '../support/agent.ts';
import { type RunningCollector, startCollector } from '../support/collector.ts';
import { type RunningPrometheus, startPrometheus } from '../support/prometheus.ts';
import { parsePrometheusText, sumOf } from '../support/prometheus-text.ts';
import { startRedis } from '../support/redis.ts';
import type { RunningPart } from '../support/running-part.ts';
import { visit } from '../support/visit.ts';
import { waitFor } from '../support/wait.ts';

let sandbox: Sandbox;
let collector: RunningCollector;
let prometheus: RunningPrometheus;
let redis: RunningPart & { url: string };
let agents: [RunningAgent, RunningAgent];

/** Four scrapes would do; this holds the whole visit. */
const WINDOW = '5m';

before(async () => {
  sandbox = await startSandbox();
  [collector, redis] = await Promise.all([startCollector(), startRedis()]);
  prometheus = await startPrometheus(collector);
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    REDIS_URL: redis.url,
    SANDBOX_URL: `http://127.0.0.1:${sandbox.port}`,
    PROVIDER_RETRIES: '0',
    // A machine that is busy hears slowly.
    PROVIDER_TIMEOUT_S: '100',
    TURN_TIMEOUT_S: '110',
    BUDGET_SESSION_USD: '0',
    BUDGET_MONTH_USD: '0',
  };
  agents = [await startAgent({ env }), await startAgent({ env })];
  await prometheus.waitForValue('count(voice_turns_total)', 10);
  const [first, second] = agents;
  await visit(first.url, sandbox, 2);
  await visit(second.url, sandbox, 1);
  // A rate needs a histogram to be there before it grows.
  await prometheus.scraped();
  await visit(first.url, sandbox, 2);
  await visit(second.url, sandbox, 1);
  await prometheus.waitForValue('sum(voice_turns_total)', await turnsAt(first, second));
  // What rules record of it comes an evaluation later.
  await prometheus.scraped();
});

after(async () => {
  for (const part of [...(agents ?? []), prometheus, redis, collector]) await part?.[Symbol.asyncDispose]();
  await sandbox?.stop();
});

const turnsAt = async (...some: RunningAgent[]): Promise<number> => {
  const texts = await Promise.all(some.map((agent) => agent.metricsText()));
  return texts.reduce((sum, text) => sum + sumOf(parsePrometheusText(text), 'voice_turns_total'), 0);
};

/** What keeps an answer from being one that a panel can show. */
const faultOf = async (expr: string): Promise<string | undefined> => {
  const samples = await prometheus.query(expr);
  if (samples.length === 0) return 'nothing';
  const odd = samples.find(({ value }) => !Number.isFinite(value));
  return odd && `${odd.value} at ${JSON.stringify(odd.labels)}`;
};

/** The SLO's rules are evaluated once a minute. */
const sloRecorded = () => prometheus.waitForValue(`count(${badTurns('5m')})`, 1, 90_000);

test('every query of every panel gives data after a visit, or says why not', async () => {
  await sloRecorded();
  const empty: string[] = [];
  const queries = shippedQueries();
  assert.ok(queries.length > 80, `${queries.length} queries`);
  for (const { board, panel, refId, expr, exempt } of queries) {
    const fault = await faultOf(expand(expr, { interval: WINDOW }));
    if (fault && !(exempt && fault === 'nothing')) empty.push(`${board}, ${panel} ${refId}: ${fault} from ${expr}`);
  }
  assert.deepEqual(empty, []);
});

test('an idle agent leaves its panels empty, not at NaN', async () => {
  const idle = '3s';
  await prometheus.waitForValue(`sum(increase(voice_turns_total[${idle}]))`, 0);
  const odd: string[] = [];
  for (const { board, panel, refId, expr } of shippedQueries()) {
    const fault = await faultOf(expand(expr, { interval: idle }));
    if (fault && fault !== 'nothing') odd.push(`${board}, ${panel} ${refId}: ${fault} from ${expr}`);
  }
  assert.deepEqual(odd, []);
});

test('every recording rule has recorded', async () => {
  await sloRecorded();
  const rules = Object.values(rulesOf(asShipped)).flatMap(({ groups }) => groups.flatMap((group) => group.rules));
  const empty: string[] = [];
  for (const rule of rules) {
    const fault = 'record' in rule ? await faultOf(rule.record) : undefined;
    if (fault && 'record' in rule) empty.push(`${rule.record}: ${fault}`);
  }
  assert.deepEqual(empty, []);
});

/** The instance under which an agent is known, by its port. */
const instanceOf = (agent: RunningAgent): Promise<string> =>
  waitFor('its instance', async () => {
    const builds = await prometheus.query('agent_build_info');
    return builds.find(({ labels }) => labels.instance?.endsWith(`:${agent.ports.agent}`))?.labels.instance;
  });

const panelQuery = (title: string): string => {
  const found = shippedQueries().find(({ panel }) => panel === title);
  assert.ok(found, `no panel ${title}`);
  return found.expr;
};

/** The same but for the order in which floats were added. */
const nearly = (is: number, wanted: number): void =>
  assert.ok(wanted > 0 && Math.abs(is / wanted - 1) < 1e-9, `${is} is not ${wanted}`);

test('two agents add up, and each can be picked', async () => {
  const alive = panelQuery('Agents alive');
  await prometheus.waitForValue(expand(alive, { interval: WINDOW }), 2);
  const instances = await Promise.all(agents.map(instanceOf));
  for (const instance of instances) await prometheus.waitForValue(expand(alive, { interval: WINDOW, instance }), 1);

  // What rules record has no instance, so it is all of them: the cost of a month is 720 times that of an hour.
  const month = expand(panelQuery('A month at this rate'), { interval: WINDOW });
  const recordedS = await prometheus.value(`timestamp(${month})`);
  const summed = async (title: string, instance?: string) => {
    const shown = expand(panelQuery(title), { interval: WINDOW, ...(instance && { instance }) });
    return (await prometheus.value(`sum(${shown})`, recordedS)) ?? 0;
  };
  nearly((await prometheus.value(month, recordedS)) ?? 0, 30 * 24 * (await summed('Cost per hour')));

  for (const title of ['Turns by outcome', 'Cost per hour']) {
    const each = await Promise.all(instances.map((instance) => summed(title, instance)));
    assert.ok(
      each.every((value) => value > 0),
      `${title}: ${each}`,
    );
    nearly(
      await summed(title),
      each.reduce((sum, value) => sum + value),
    );
  }
});

test('an agent that is killed is seen, while the other lives', async () => {
  const rules = Object.values(rulesOf(hurried(24, 5))).flatMap(({ groups }) => groups.flatMap((group) => group.rules));
  const stale = rules.find((rule) => 'alert' in rule && rule.alert === 'TelemetryStale');
  const down = rules.find((rule) => 'alert' in rule && rule.alert === 'AgentDown');
  assert.ok(stale && down);
  assert.deepEqual(await prometheus.query(stale.expr), []);

  const [first, second] = agents;
  const [living, dead] = [await instanceOf(first), await instanceOf(second)];
  process.kill(second.pid, 'SIGKILL');
  const silent = await waitFor('the dead one missed', async () => {
    const samples = await prometheus.query(stale.expr);
    return samples.length > 0 ? samples.map(({ labels }) => labels.instance) : undefined;
  });
  assert.deepEqual(silent, [dead]);
  assert.deepEqual(await prometheus.query(down.expr), []);
  // The collector repeats what the dead one said last, so totals stand.
  assert.equal(await prometheus.value('count(count by (instance) (voice_turns_total))'), 2);
  const beats = panelQuery('Heartbeats in 2m').replace('[2m]', '[5s]');
  const heard = await prometheus.query(expand(beats, { interval: WINDOW }));
  const byInstance = Object.fromEntries(heard.map(({ labels, value }) => [labels.instance, value]));
  assert.equal(byInstance[dead], 0);
  assert.ok((byInstance[living] ?? 0) > 0);
});
