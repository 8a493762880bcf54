import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ProblemError } from '../../src/client/problem-error.ts';
import { createRest } from '../../src/client/rest.ts';
import type { DatedCapture } from '../../src/conversation/ports.ts';
import { AppError } from '../../src/errors.ts';
import { capture, startEdge } from '../edge/support.ts';
import { type Agent, startAgentWithSandbox } from './support.ts';

let agent: Agent;
before(async () => {
  agent = await startAgentWithSandbox();
});
after(() => agent?.[Symbol.asyncDispose]());

test('sessions are listed, and exported as files that have all that was said', async () => {
  const rest = createRest({ url: agent.url });
  const first = await rest.conversation({ text: 'What is *recursion*?' }, { sessionId: 'first' });
  await rest.conversation({ text: 'And what is a closure?' }, { sessionId: 'second' });
  const again = await rest.conversation({ text: '# Say it again' }, { sessionId: 'first' });

  const { sessions, count } = await rest.sessions();
  assert.deepEqual(
    sessions.map(({ session_id: id, first_words: words, exchange_count: exchanges }) => [id, words, exchanges]),
    [
      ['first', 'What is *recursion*?', 2],
      ['second', 'And what is a closure?', 1],
    ],
  );
  assert.equal(count, 2);
  assert.equal((await rest.sessions({ limit: 1 })).count, 1);

  const json = await rest.export('json');
  assert.match(json.filename, /^learning-\d{4}-\d\d-\d\d\.json$/);
  const document = JSON.parse(await json.blob.text());
  assert.deepEqual(
    document.sessions.map(({ session_id: id }: { session_id: string }) => id),
    ['first', 'second'],
  );
  const told = [first, again].map(({ timestamp, user_text, agent_text, intent, cost_usd, interrupted }) => ({
    timestamp,
    user_text,
    agent_text,
    intent,
    cost_usd,
    interrupted,
  }));
  assert.deepEqual(document.sessions[0].exchanges, told);

  const markdown = await rest.export('markdown', { sessionId: 'first' });
  assert.match(markdown.filename, /\.md$/);
  assert.match(markdown.blob.type, /^text\/markdown/);
  const notes = await markdown.blob.text();
  assert.match(notes, /What is \\\*recursion\\\*\?/);
  assert.match(notes, /\(\d\d:\d\d\): \\# Say it again/);
  assert.doesNotMatch(notes, /closure/);

  await assert.rejects(rest.export('json', { sessionId: 'nobody' }), { kind: 'not_found' });
  assert.equal(
    rest.ledger.counters().get('http_requests_total{endpoint="/api/sessions",method="GET",status="200"}'),
    2,
  );
  assert.equal(rest.ledger.counters().get('http_requests_total{endpoint="/api/export",method="GET",status="404"}'), 1);
});

test('an export that breaks off on its way is a problem, not half a file', async () => {
  const captures = async (limit: number, { after }: { after?: DatedCapture }) => {
    if (after) throw new AppError('provider_unavailable', 'database', 'The database is locked.', { status: 503 });
    const page = { ...capture, sessionCreatedAt: capture.timestamp, userText: 'x'.repeat(5000) };
    return Array.from({ length: limit }, () => page);
  };
  await using edge = await startEdge({ store: { captures } });
  const rest = createRest({ url: edge.url });
  const problem = await rest.export('markdown').catch((thrown) => thrown);
  assert.ok(problem instanceof ProblemError);
  assert.equal(problem.kind, 'disconnected');
  await assert.rejects(rest.export('json', { signal: AbortSignal.abort() }), { name: 'AbortError' });
});
