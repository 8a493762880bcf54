import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ProblemError } from '../../src/client/problem-error.ts';
import { connect } from '../../src/client/voice-client.ts';
import type { ErrorKind } from '../../src/errors.ts';
import type { FaultPlan } from '../../src/sandbox/faults.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type RunningAgent, startAgent } from '../support/agent.ts';
import { parsePrometheusText, type Series, sumOf } from '../support/prometheus-text.ts';
import { recordings } from '../support/recordings.ts';

type Fault = {
  what: string;
  plan: FaultPlan;
  kind: ErrorKind;
  component: 'claude' | 'whisper';
  /** What the learner is told. */
  says: RegExp;
  retryAfterS?: number;
  spoken?: boolean;
};

const FAULTS: Fault[] = [
  {
    what: 'a request that Claude refuses (400)',
    plan: { messages: { status: 400 } },
    kind: 'internal',
    component: 'claude',
    says: /our side|Claude/,
  },
  {
    what: 'a key that Claude does not know (401)',
    plan: { messages: { status: 401 } },
    kind: 'provider_unavailable',
    component: 'claude',
    says: /ANTHROPIC_API_KEY/,
  },
  {
    what: 'too many requests (429)',
    plan: { messages: { status: 429, retry_after_s: 9 } },
    kind: 'rate_limited',
    component: 'claude',
    says: /Claude/,
    retryAfterS: 9,
  },
  {
    what: 'a failing Claude (500)',
    plan: { messages: { status: 500 } },
    kind: 'provider_unavailable',
    component: 'claude',
    says: /Claude/,
  },
  {
    what: 'an overloaded Claude (529)',
    plan: { messages: { status: 529 } },
    kind: 'provider_unavailable',
    component: 'claude',
    says: /Claude/,
  },
  {
    what: 'a Claude that does not answer',
    plan: { messages: { stall: 'headers' } },
    kind: 'timeout',
    component: 'claude',
    says: /Claude/,
  },
  {
    what: 'a Claude that falls silent',
    plan: { messages: { stall: 'body' } },
    kind: 'timeout',
    component: 'claude',
    says: /Claude/,
  },
  {
    what: 'a stream that is cut',
    plan: { messages: { cut: 'body' } },
    kind: 'provider_unavailable',
    component: 'claude',
    says: /Claude/,
  },
  {
    what: 'an error inside a stream',
    plan: { messages: { stream_error: 'overloaded_error' } },
    kind: 'provider_unavailable',
    component: 'claude',
    says: /Claude/,
  },
  {
    what: 'a key that Whisper does not know (401)',
    plan: { transcriptions: { status: 401 } },
    kind: 'provider_unavailable',
    component: 'whisper',
    says: /OPENAI_API_KEY/,
    spoken: true,
  },
  {
    what: 'a spent quota at Whisper',
    plan: { transcriptions: { status: 429, code: 'insufficient_quota' } },
    kind: 'provider_unavailable',
    component: 'whisper',
    says: /OpenAI|Whisper/,
    spoken: true,
  },
  {
    what: 'a failing Whisper (500)',
    plan: { transcriptions: { status: 500 } },
    kind: 'provider_unavailable',
    component: 'whisper',
    says: /Whisper/,
    spoken: true,
  },
  {
    what: 'a Whisper that does not answer',
    plan: { transcriptions: { stall: 'headers' } },
    kind: 'timeout',
    component: 'whisper',
    says: /Whisper/,
    spoken: true,
  },
];

const NO_PUSH = { OTEL_METRICS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };

let sandbox: Sandbox;
let agent: RunningAgent;
before(async () => {
  sandbox = await startSandbox();
  const env = { SANDBOX_URL: `http://127.0.0.1:${sandbox.port}`, PROVIDER_RETRIES: '1', PROVIDER_TIMEOUT_S: '1' };
  agent = await startAgent({ env: { ...NO_PUSH, ...env } });
});
after(async () => {
  await agent?.[Symbol.asyncDispose]();
  await sandbox?.stop();
});

const series = async () => parsePrometheusText(await agent.metricsText());
const grown = (before: Series[], now: Series[], name: string, labels: Record<string, string>) =>
  sumOf(now, name, labels) - sumOf(before, name, labels);

for (const { what, plan, kind, component, says, retryAfterS, spoken } of FAULTS) {
  test(`${what}: ${kind}, told once, counted once`, async (t) => {
    t.after(() => sandbox.faults.clear());
    const [recording] = await recordings();
    const before = await series();
    const stray: ProblemError[] = [];
    using client = await connect({ url: agent.url, onProblem: (problem) => stray.push(problem) });
    sandbox.faults.set(plan);
    const turn = spoken ? client.speakAudio(recording.bytes) : client.say('Tell me about owls');
    const problem = await turn.reply.then(
      () => assert.fail('there was a reply'),
      (thrown: unknown) => thrown,
    );
    assert.ok(problem instanceof ProblemError);
    assert.equal(problem.kind, kind);
    assert.match(problem.message, says);
    assert.equal(problem.retryAfterS, retryAfterS);
    assert.equal(problem.turnId, await turn.turnId.catch(() => problem.turnId));
    assert.deepEqual(stray, [], 'and nothing beside');

    const now = await series();
    const provider = component === 'claude' ? 'anthropic' : 'openai';
    assert.equal(grown(before, now, 'errors_total', {}), 1);
    assert.equal(grown(before, now, 'errors_total', { error_type: kind, component }), 1);
    assert.equal(grown(before, now, 'api_errors_total', { error_type: kind, provider }), 1);
    assert.equal(grown(before, now, `${component}_api_calls_total`, { status: 'error' }), 1);
    assert.equal(grown(before, now, 'voice_turns_total', { outcome: 'failed' }), 1);
    assert.equal(grown(before, now, 'voice_slo_turns_total', { verdict: 'bad' }), 1);
    assert.equal(grown(before, now, 'conversation_exchanges_total', {}), 0, 'nothing is stored as an answer');
    const lines = agent
      .log(100)
      .split('\n')
      .filter((line) => line.includes('"msg":"failure"') && line.includes(problem.turnId ?? '-'));
    assert.equal(lines.length, 1, 'one line in the log');
  });
}

test('a failure that passes is retried, and the learner notices nothing', async (t) => {
  t.after(() => sandbox.faults.clear());
  sandbox.faults.set({ messages: { status: 500, times: 1 } });
  const before = await series();
  using client = await connect({ url: agent.url });
  const reply = await client.say('Tell me about owls').reply;
  assert.ok(reply.agent_text.length > 0);
  const now = await series();
  assert.equal(grown(before, now, 'claude_api_calls_total', { status: 'success' }), 1);
  assert.equal(grown(before, now, 'errors_total', {}), 0);
});

test('over HTTP a failed turn is a problem document with its status', async (t) => {
  t.after(() => sandbox.faults.clear());
  sandbox.faults.set({ messages: { status: 429, retry_after_s: 9 } });
  const body = JSON.stringify({ text: 'Tell me about owls' });
  const response = await fetch(`${agent.url}/api/conversation`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  assert.equal(response.status, 429);
  assert.equal(response.headers.get('retry-after'), '9');
  assert.match(String(response.headers.get('content-type')), /^application\/problem\+json/);
  const problem = (await response.json()) as Record<string, unknown>;
  assert.equal(problem.kind, 'rate_limited');
  assert.equal(problem.retry_after_s, 9);
  assert.equal(typeof problem.turn_id, 'string');
});
