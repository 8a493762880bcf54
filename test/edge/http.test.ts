import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { AppError, Cancelled, ERROR_KINDS } from '../../src/errors.ts';
import { failing, startEdge, waitingTurn } from './support.ts';

type Problem = { status: number; kind: string; detail: string; [field: string]: unknown };

async function problem(response: Response, status: number, kind: string, detail: RegExp): Promise<Problem> {
  assert.equal(response.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  const body = (await response.json()) as Problem;
  assert.equal(response.status, status, body.detail);
  assert.deepEqual([body.status, body.kind, body.type], [status, kind, 'about:blank']);
  assert.equal(typeof body.title, 'string');
  assert.match(body.detail, detail);
  return body;
}

test('what is said and stored is found, counted, listed and forgotten', async () => {
  await using edge = await startEdge();
  const found = await edge.json('/api/search', { query: 'what?' });
  assert.deepEqual(await found.json(), {
    query: 'what?',
    results: [
      {
        id: 7,
        timestamp: '2025-01-21T12:00:00.000Z',
        user_text: 'what is <b>TCP</b>?',
        agent_text: 'A protocol.',
        session_id: 's-1',
        user_snippet: 'what is <mark>TCP</mark>',
        agent_snippet: 'A protocol.',
      },
    ],
    count: 1,
  });
  const stats = await fetch(`${edge.url}/api/stats`);
  assert.deepEqual(await stats.json(), {
    database: { total_captures: 3, unique_sessions: 2, last_capture: '2025-01-21T12:00:00.000Z' },
    sessions: { active: 0, ids: [] },
  });
  const sessions = await fetch(`${edge.url}/api/sessions?limit=1`);
  assert.deepEqual(await sessions.json(), {
    sessions: [
      {
        session_id: 'quiet',
        created_at: '2025-01-21T11:00:00.000Z',
        last_activity: '2025-01-21T11:30:00.000Z',
        ended_at: null,
        status: 'active',
        exchange_count: 0,
        first_words: 'what is',
      },
    ],
    count: 1,
  });
  const history = await fetch(`${edge.url}/api/session/s-1/history?limit=1`);
  assert.deepEqual(await history.json(), {
    session_id: 's-1',
    history: [
      {
        id: 7,
        timestamp: '2025-01-21T12:00:00.000Z',
        user_text: 'what is <b>TCP</b>?',
        agent_text: 'A protocol.',
        metadata: {
          turn_id: 't-1',
          intent: 'question',
          interrupted: false,
          quality: 0.75,
          source: 'text',
          cost_usd: 0.5,
        },
      },
    ],
    count: 1,
  });
  const quiet = await fetch(`${edge.url}/api/session/quiet/history`);
  assert.deepEqual(await quiet.json(), { session_id: 'quiet', history: [], count: 0 });

  edge.state.sessions.add('s-2');
  const forget = () => fetch(`${edge.url}/api/session/s-2`, { method: 'DELETE' });
  const gone = await forget();
  assert.deepEqual([gone.status, await gone.text()], [204, '']);
  await problem(await forget(), 404, 'not_found', /No session s-2 is known/);
  await problem(await fetch(`${edge.url}/api/session/nobody/history`), 404, 'not_found', /No session nobody/);
});

test('wrong values are named with their cure, and the words of a learner are not', async () => {
  await using edge = await startEdge();
  const search = (body: unknown) => edge.json('/api/search', body);
  await problem(
    await search({ query: 'x', limit: 500 }),
    422,
    'bad_input',
    /^limit \(500\): use a whole number from 1 to 100$/,
  );
  await problem(await search({ limit: 5 }), 422, 'bad_input', /query \(missing\): .*string/);
  await problem(await search([1]), 422, 'bad_input', /the payload \(an array\): .*object/);
  const long = await problem(
    await search({ query: 'secret'.repeat(999) }),
    422,
    'bad_input',
    /query \(5994 characters\)/,
  );
  assert.doesNotMatch(long.detail, /secret/);
  const history = (path: string) => fetch(`${edge.url}/api/session/${path}`);
  await problem(await history('a%20b/history'), 422, 'bad_input', /session_id \("a b"\): use 1 to 128/);
  await problem(await history('s-1/history?limit=ten'), 422, 'bad_input', /limit \("ten"\)/);
  await problem(
    await history('s-1/history?limit=0'),
    422,
    'bad_input',
    /limit \("0"\): use a whole number from 1 to 100/,
  );
  const sessions = await fetch(`${edge.url}/api/sessions?limit=101`);
  await problem(sessions, 422, 'bad_input', /limit \("101"\): use a whole number from 1 to 100/);
  await problem(await history('%E0%A4%A/history'), 400, 'bad_input', /could not be read/);
  assert.equal(edge.requests.at(-1), 'GET other 400');
});

test('the body’s syntax and type are checked before its values', async () => {
  await using edge = await startEdge();
  for (const path of ['/api/conversation', '/api/search']) {
    const broken = await problem(await edge.json(path, '{"text": "my secret'), 400, 'bad_input', /not valid JSON/);
    assert.doesNotMatch(broken.detail, /secret/);
    await problem(await edge.json(path, '"text"'), 400, 'bad_input', /not valid JSON/);
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    await problem(await edge.json(path, 'text=hi', form), 415, 'bad_input', /x-www-form-urlencoded" is not accepted/);
    await problem(await fetch(edge.url + path, { method: 'POST' }), 400, 'bad_input', /has no body/);
    const charset = { headers: { 'content-type': 'application/json; charset=latin1' } };
    await problem(await edge.json(path, '{}', charset), 415, 'bad_input', /UTF-8/);
    const encoding = { headers: { 'content-encoding': 'rot13' } };
    await problem(await edge.json(path, '{}', encoding), 415, 'bad_input', /Content-Encoding/);
  }
  await problem(
    await edge.json('/api/search', { query: 'x'.repeat(70_000) }),
    413,
    'bad_input',
    /larger than 65536 bytes/,
  );
});

test('unknown paths are 404, other methods 405 with Allow', async () => {
  await using edge = await startEdge();
  await problem(await fetch(`${edge.url}/nowhere`), 404, 'not_found', /GET \/nowhere is not known/);
  const paths = [
    ['/api/conversation', 'GET', 'POST, OPTIONS'],
    ['/api/search', 'PUT', 'POST, OPTIONS'],
    ['/api/stats', 'POST', 'GET, HEAD, OPTIONS'],
    ['/api/sessions', 'DELETE', 'GET, HEAD, OPTIONS'],
    ['/api/export', 'POST', 'GET, HEAD, OPTIONS'],
    ['/api/session/s-1/history', 'DELETE', 'GET, HEAD, OPTIONS'],
    ['/api/session/s-1', 'GET', 'DELETE, OPTIONS'],
    ['/metrics', 'POST', 'GET, HEAD, OPTIONS'],
    ['/', 'PATCH', 'GET, HEAD, OPTIONS'],
  ] as const;
  for (const [path, method, allow] of paths) {
    const response = await fetch(edge.url + path, { method });
    assert.equal(response.headers.get('allow'), allow, path);
    await problem(response, 405, 'bad_input', /is not possible here: use/);
  }
  const options = await fetch(`${edge.url}/api/stats`, { method: 'OPTIONS' });
  assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, OPTIONS']);
});

test('each kind of error has its status, its document and its report', async () => {
  const expected = {
    bad_input: [422, 422],
    unauthorized: [401, undefined],
    not_found: [404, undefined],
    rate_limited: [429, undefined],
    budget_exhausted: [402, undefined],
    provider_unavailable: [502, 502],
    timeout: [504, undefined],
    internal: [500, undefined],
  } as const;
  await using edge = await startEdge();
  for (const kind of ERROR_KINDS) {
    const [status, own] = expected[kind];
    const extra = { turn_id: 'abc', cost_usd: 0.25 };
    const error = new AppError(kind, 'claude', `it was ${kind}`, { status: own, retryAfterS: 1.2, extra });
    edge.state.turn = failing(error);
    const response = await edge.json('/api/conversation', { text: 'hi' });
    assert.equal(response.headers.get('retry-after'), '2');
    const body = await problem(response, status, kind, /^it was/);
    assert.deepEqual(
      [body.turn_id, body.instance, body.cost_usd, body.retry_after_s],
      ['abc', 'urn:uuid:abc', 0.25, 1.2],
    );
    assert.equal(edge.errors.at(-1), error);
  }
  edge.state.turn = () => Promise.reject(new Error('a secret of the inside'));
  const hidden = await problem(await edge.json('/api/conversation', { text: 'hi' }), 500, 'internal', /on our side/);
  assert.doesNotMatch(JSON.stringify(hidden), /secret/);
  assert.equal(edge.errors.length, ERROR_KINDS.length + 1);
});

test('every answered request is watched once, by template, and the watching itself is not', async () => {
  await using edge = await startEdge();
  for (const path of ['/metrics', '/api/metrics', '/api/health', '/livez', '/readyz']) {
    assert.equal((await fetch(edge.url + path)).status, 200, path);
  }
  assert.deepEqual(edge.requests, []);
  await fetch(`${edge.url}/api/session/abc/history`);
  await fetch(`${edge.url}/api/session/abc`, { method: 'DELETE' });
  await fetch(`${edge.url}/api/stats`, { method: 'HEAD' });
  await fetch(`${edge.url}/api/stats`, { method: 'PROPFIND' });
  await fetch(`${edge.url}/wp-login.php`);
  await edge.json('/api/conversation', { text: 'hi' });
  assert.deepEqual(edge.requests, [
    'GET /api/session/{id}/history 404',
    'DELETE /api/session/{id} 404',
    'HEAD /api/stats 200',
    'PROPFIND /api/stats 405',
    'GET other 404',
    'POST /api/conversation 200',
  ]);
  assert.ok([...edge.inProgress.values()].every((count) => count === 0));
});

test('a client that leaves breaks its turn off, and counts as 499', async () => {
  const { script, started, ended } = waitingTurn();
  await using edge = await startEdge({ turn: script });
  const finished = edge.requestFinished();
  const leaving = new AbortController();
  const asked = edge.json('/api/conversation', { text: 'go on' }, { signal: leaving.signal });
  await started;
  assert.equal(edge.inProgress.get('/api/conversation'), 1);
  leaving.abort();
  await assert.rejects(asked);
  const reason = await ended;
  assert.ok(reason instanceof Cancelled && reason.by === 'disconnect');
  await finished;
  assert.deepEqual(edge.requests, ['POST /api/conversation 499']);
  assert.deepEqual(edge.errors, []);
});

test('a client that leaves while it sends has failed nothing', async () => {
  await using edge = await startEdge();
  const finished = edge.requestFinished();
  const headers = { 'content-type': 'application/json', 'content-length': 1000 };
  const sending = request(`${edge.url}/api/conversation`, { method: 'POST', headers });
  sending.on('error', () => {});
  sending.write('{"text":');
  sending.once('socket', (socket) => socket.once('connect', () => setImmediate(() => sending.destroy())));
  await finished;
  assert.deepEqual(edge.requests, ['POST /api/conversation 499']);
  assert.deepEqual(edge.errors, []);
});

test('a stop that can’t wait breaks turns off and still answers them', async () => {
  const { script, started, ended } = waitingTurn();
  await using edge = await startEdge({ turn: script });
  const asked = edge.json('/api/conversation', { text: 'go on' });
  await started;
  edge.stopping.abort(new Cancelled('shutdown'));
  assert.equal(((await ended) as Cancelled).by, 'shutdown');
  const body = (await (await asked).json()) as { interrupted: boolean };
  assert.equal(body.interrupted, true);
});

test('while the agent starts or drains it takes no turn, and says so to whoever balances the load', async () => {
  await using edge = await startEdge();
  edge.state.ready = false;
  const response = await edge.json('/api/conversation', { text: 'hi' });
  assert.equal(response.headers.get('retry-after'), '5');
  await problem(response, 503, 'provider_unavailable', /starting or shutting down/);
  assert.equal((await fetch(`${edge.url}/readyz`)).status, 503);
  assert.equal((await fetch(`${edge.url}/livez`)).status, 200);
  edge.state.ready = true;
  assert.deepEqual(await (await fetch(`${edge.url}/readyz`)).json(), { status: 'ready' });
});

test('with tokens only the page and the orchestrator’s questions are open', async () => {
  await using edge = await startEdge({ tokens: ['first', 'second'] });
  const memories = ['/api/stats', '/api/sessions', '/api/session/s-1/history', '/api/export'];
  const paths = [...memories, '/metrics', '/api/metrics', '/api/health', '/nowhere'];
  for (const path of paths) {
    const response = await fetch(edge.url + path);
    assert.equal(response.headers.get('www-authenticate'), 'Bearer', path);
    await problem(response, 401, 'unauthorized', /A token is needed: .*Bearer <token>/);
    const wrong = await fetch(edge.url + path, { headers: { authorization: 'Bearer third' } });
    await problem(wrong, 401, 'unauthorized', /not known/);
  }
  await problem(await edge.json('/api/conversation', { text: 'hi' }), 401, 'unauthorized', /token/);
  assert.equal(edge.state.inputs.length, 0);
  for (const path of ['/', '/page/styles/base.css', '/livez', '/readyz']) {
    assert.equal((await fetch(edge.url + path)).status, 200, path);
  }
  for (const token of ['first', 'second']) {
    const headers = { authorization: `Bearer ${token}` };
    assert.equal((await fetch(`${edge.url}/metrics`, { headers })).status, 200);
    assert.equal((await edge.json('/api/conversation', { text: 'hi' }, { headers })).status, 200);
  }
});

test('who asks too much is told how long to wait; others and operators are not', async () => {
  await using edge = await startEdge({ perMinute: 3, tokens: ['a', 'b'] });
  const stats = (token?: string) =>
    fetch(`${edge.url}/api/stats`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  for (let n = 0; n < 3; n += 1) assert.equal((await stats('a')).status, 200);
  const response = await stats('a');
  assert.ok(Number(response.headers.get('retry-after')) >= 1);
  const body = await problem(response, 429, 'rate_limited', /More than 3 requests in a minute: go on in \d+ s/);
  assert.ok(Number(body.retry_after_s) <= 60);
  assert.equal((await stats('b')).status, 200);
  const metrics = await fetch(`${edge.url}/metrics`, { headers: { authorization: 'Bearer a' } });
  assert.equal(metrics.status, 200);
  for (let n = 0; n < 3; n += 1) assert.equal((await stats('guess')).status, 401);
  await problem(await stats('guess'), 429, 'rate_limited', /minute/);
});

test('forwarded headers don’t make a new client', async () => {
  await using edge = await startEdge({ perMinute: 1 });
  const stats = (address: string) => fetch(`${edge.url}/api/stats`, { headers: { 'x-forwarded-for': address } });
  assert.equal((await stats('10.0.0.1')).status, 200);
  assert.equal((await stats('10.0.0.2')).status, 429);
});

test('a number in a query is digits, and what comes as a list or an object is refused in words', async () => {
  await using edge = await startEdge();
  const asked = async (path: string) => {
    const response = await fetch(`${edge.url}/api/${path}`);
    return response.ok ? response.status : ((await response.json()) as { detail: string }).detail;
  };
  for (const given of ['abc', '0x10', '1e1', '5.0', '+5', ' 5', '', '101', '99999999999999999999']) {
    const told = await asked(`sessions?limit=${encodeURIComponent(given)}`);
    assert.equal(told, `limit (${JSON.stringify(given)}): use a whole number from 1 to 100`);
  }
  assert.equal(await asked('sessions?limit=5&limit=6'), 'limit (an array): use a whole number from 1 to 100');
  for (const [path, told] of [
    ['sessions?limit[a]=5', 'limit[a] ("5") can\'t be read: write it as limit=…, once.'],
    ['session/s-1/history?limit[]=5', 'limit[] ("5") can\'t be read: write it as limit=…, once.'],
    ['export?format[]=json', 'format[] ("json") can\'t be read: write it as format=…, once.'],
    ['export?session_id[]=s-1', 'session_id[] ("s-1") can\'t be read: write it as session_id=…, once.'],
  ] as const) {
    assert.equal(await asked(path), told);
  }
  assert.match(`${await asked('export?session_id=a&session_id=b')}`, /^session_id \(an array\): use 1 to 128 of/);
  for (const fine of ['sessions?limit=005', 'session/s-1/history?limit=100', 'sessions?other[a]=1']) {
    assert.equal(await asked(fine), 200, fine);
  }
  for (const limit of [true, null, [5], {}, '0x10']) {
    const response = await edge.json('/api/search', { query: 'x', limit });
    assert.match(((await response.json()) as { detail: string }).detail, /: use a whole number from 1 to 100$/);
  }
});
