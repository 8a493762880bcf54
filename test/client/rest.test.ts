import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createRest, ProblemError, type Rest } from '../../src/client/index.ts';

/** Each method by its name, asking for something. */
const methods = (rest: Rest, signal?: AbortSignal): Record<string, () => Promise<unknown>> => {
  const asking = signal ? { signal } : {};
  return {
    info: () => rest.info(asking),
    conversation: () => rest.conversation({ text: 'hi' }, asking),
    search: () => rest.search('tcp', asking),
    stats: () => rest.stats(asking),
    sessions: () => rest.sessions(asking),
    export: () => rest.export('json', asking),
    history: () => rest.history('one', asking),
    forget: () => rest.forget('one', asking),
  };
};

/** Something else in the agent's place. */
async function startServer(answer: RequestListener) {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const breakingOff =
  (status: number, type: string): RequestListener =>
  (_req, res) => {
    res.writeHead(status, { 'content-type': type, 'content-length': 1000 });
    res.write('{"half":', () => res.destroy());
  };

async function problemsOf(url: string, leaveOut: string[] = []): Promise<[string, ProblemError][]> {
  const found: [string, ProblemError][] = [];
  for (const [name, ask] of Object.entries(methods(createRest({ url })))) {
    if (leaveOut.includes(name)) continue;
    const thrown = await ask().catch((thrown) => thrown);
    assert.ok(thrown instanceof ProblemError, `${name}: ${thrown}`);
    found.push([name, thrown]);
  }
  return found;
}

test('an answer that breaks off is a problem of whatever was asked', async () => {
  await using half = await startServer(breakingOff(200, 'application/json'));
  // What was forgotten is forgotten; it has no body.
  for (const [name, { kind, message }] of await problemsOf(half.url, ['forget'])) {
    assert.equal(kind, 'disconnected', name);
    assert.match(message, /^The answer of http:.* broke off on its way: ask again\.$/);
  }
});

test('a refusal that breaks off is one, too', async () => {
  for (const type of ['application/problem+json', 'text/html']) {
    await using half = await startServer(breakingOff(503, type));
    for (const [name, { kind }] of await problemsOf(half.url)) assert.equal(kind, 'disconnected', name);
  }
});

test('an answer that is no JSON is told with its start', async () => {
  for (const [status, type] of [
    [200, 'text/html'],
    [200, 'application/json'],
    [502, 'application/problem+json'],
    [502, 'text/html'],
  ] as const) {
    await using other = await startServer((_req, res) => {
      res.writeHead(status, { 'content-type': type }).end(`<title>Log in</title>${'x'.repeat(500)}`);
    });
    for (const [name, { kind, message }] of await problemsOf(other.url, status === 200 ? ['export', 'forget'] : [])) {
      assert.equal(kind, 'internal', name);
      assert.match(
        message,
        new RegExp(`^http://\\S+ answered ${status} and no (JSON|problem document): <title>Log in`),
      );
      assert.ok(message.length < 350);
    }
  }
});

test('what can not be asked, and who does not answer, is a problem', async () => {
  const bad = createRest({ url: 'nonsense' });
  await assert.rejects(bad.stats(), (thrown: unknown) => {
    assert.ok(thrown instanceof ProblemError);
    assert.equal(thrown.kind, 'bad_input');
    assert.match(thrown.message, /^nonsense can't be asked \(.*\): look at the address and the token\.$/);
    return true;
  });
  const token = createRest({ url: 'http://127.0.0.1:9', token: 'line\nbreak' });
  await assert.rejects(token.stats(), { name: 'ProblemError', kind: 'bad_input' });
  for (const [name, { kind }] of await problemsOf('http://127.0.0.1:9')) assert.equal(kind, 'disconnected', name);
});

test('a signal’s reason is thrown as it is, before and while the answer comes', async () => {
  const reason = new Error('the learner typed on');
  for (const [name, ask] of Object.entries(
    methods(createRest({ url: 'http://127.0.0.1:9' }), AbortSignal.abort(reason)),
  ))
    await assert.rejects(ask(), reason, name);
  const leaving = new AbortController();
  await using slow = await startServer((_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.write('{"half":', () => leaving.abort(reason));
  });
  await assert.rejects(createRest({ url: slow.url }).search('tcp', { signal: leaving.signal }), reason);
});
