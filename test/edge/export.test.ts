import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { marked, type Tokens } from 'marked';
import type { DatedCapture } from '../../src/conversation/ports.ts';
import { AppError, Cancelled } from '../../src/errors.ts';
import { capture, type EdgeOptions, startEdge } from './support.ts';

const DAY = new Date('2025-01-21T12:00:00Z');
const PAGE = 25;

/** The `id`th capture; ten of them make a session. */
function dated(id: number, given: Partial<DatedCapture> = {}): DatedCapture {
  return { ...capture, id, sessionId: `s-${Math.floor(id / 10)}`, sessionCreatedAt: DAY, ...given };
}

/** A store of so many captures; `onPage` may fail one, and hears from which capture on it is. */
function storeOf(count: number, given: Partial<DatedCapture> = {}, onPage: (from: number) => void = () => {}) {
  const captures = async (limit: number, { after }: { after?: DatedCapture }) => {
    const from = after ? after.id + 1 : 0;
    // As a database does, it answers when other input and output had its time.
    await setImmediate();
    onPage(from);
    return Array.from({ length: Math.min(limit, count - from) }, (_, index) => dated(from + index, given));
  };
  return { captures } satisfies EdgeOptions['store'];
}

type Exported = {
  exported_at: string;
  sessions: { session_id: string; created_at: string; exchanges: Record<string, unknown>[] }[];
};

test('everything is exported as one JSON document, whatever the number of pages', async () => {
  for (const count of [0, 1, PAGE, 2 * PAGE + 5]) {
    await using edge = await startEdge({ store: storeOf(count) });
    const response = await fetch(`${edge.url}/api/export?format=json`);
    const headers = ['content-type', 'content-disposition', 'cache-control'].map((name) => response.headers.get(name));
    const today = new Date().toISOString().slice(0, 10);
    assert.deepEqual(headers, [
      'application/json; charset=utf-8',
      `attachment; filename="learning-${today}.json"`,
      'no-store',
    ]);
    const { exported_at, sessions } = (await response.json()) as Exported;
    assert.equal(new Date(exported_at).toISOString(), exported_at);
    assert.equal(sessions.length, Math.ceil(count / 10));
    assert.equal(sessions.flatMap(({ exchanges }) => exchanges).length, count);
    if (count === 0) continue;
    assert.deepEqual([sessions[0]?.session_id, sessions[0]?.created_at], ['s-0', DAY.toISOString()]);
    assert.deepEqual(sessions[0]?.exchanges[0], {
      timestamp: '2025-01-21T12:00:00.000Z',
      user_text: 'what is <b>TCP</b>?',
      agent_text: 'A protocol.',
      intent: 'question',
      cost_usd: 0.5,
      interrupted: false,
    });
  }
});

test('as Markdown they are notes with one heading for each session, whatever was said', async () => {
  const userText = 'words\n# A heading\n\n## 2025-01-21 12:00 UTC, session `s-7`\n\n<h2>one more</h2>\n===\n```';
  const metadata = { ...capture.metadata, interrupted: true };
  const timestamp = new Date('2025-01-22T09:30:00Z');
  await using edge = await startEdge({ store: storeOf(20, { userText, agentText: userText, metadata, timestamp }) });
  const response = await fetch(`${edge.url}/api/export?format=markdown`);
  assert.equal(response.headers.get('content-type'), 'text/markdown; charset=utf-8');
  assert.match(response.headers.get('content-disposition') ?? '', /^attachment; filename="learning-[\d-]{10}\.md"$/);
  const notes = await response.text();
  const headings = marked.lexer(notes).filter((token): token is Tokens.Heading => token.type === 'heading');
  assert.deepEqual(
    headings.map(({ depth, text }) => [depth, text]),
    [
      [1, 'Learning notes'],
      [2, '2025-01-21 12:00 UTC, session `s-0`'],
      [2, '2025-01-21 12:00 UTC, session `s-1`'],
    ],
  );
  assert.doesNotMatch(marked.parse(notes) as string, /<(?!\/?(?:h1|h2|p|strong|code|br)>)/);
  assert.match(notes, /\*\*You\*\* \(2025-01-22 09:30\): words/);
  assert.match(notes, /\*\*Agent\*\* \(interrupted\): words/);
});

test('one session is exported alone, also before anything was said in it', async () => {
  await using edge = await startEdge();
  const asked = (format: string) => fetch(`${edge.url}/api/export?session_id=quiet&format=${format}`);
  const { sessions } = (await (await asked('json')).json()) as Exported;
  assert.deepEqual(sessions, [{ session_id: 'quiet', created_at: '2025-01-21T11:00:00.000Z', exchanges: [] }]);
  assert.match(await (await asked('markdown')).text(), /^## 2025-01-21 11:00 UTC, session `quiet`$/m);
  const nothing = await fetch(`${edge.url}/api/export?format=markdown`);
  assert.match(await nothing.text(), /Nothing has been said yet/);
});

test('an unknown format or session is named with its cure', async () => {
  await using edge = await startEdge();
  const refused = async (query: string) => {
    const response = await fetch(`${edge.url}/api/export?${query}`);
    const { kind, detail } = (await response.json()) as { kind: string; detail: string };
    return [response.status, kind, detail];
  };
  const cure = 'is not known: use json or markdown.';
  assert.deepEqual(await refused('format=yaml'), [400, 'bad_input', `format ("yaml") ${cure}`]);
  assert.deepEqual(await refused('format=toString'), [400, 'bad_input', `format ("toString") ${cure}`]);
  assert.deepEqual(await refused('format=json&format=json'), [400, 'bad_input', `format (an array) ${cure}`]);
  assert.partialDeepStrictEqual(await refused('session_id=nobody'), [404, 'not_found']);
  assert.partialDeepStrictEqual(await refused('session_id=a%20b'), [422, 'bad_input']);
});

test('HEAD tells the same headers and reads no further', async () => {
  const pages: number[] = [];
  await using edge = await startEdge({ store: storeOf(1000, {}, (from) => pages.push(from)) });
  const response = await fetch(`${edge.url}/api/export`, { method: 'HEAD' });
  assert.match(response.headers.get('content-disposition') ?? '', /\.json"$/);
  assert.deepEqual([await response.text(), pages], ['', [0]]);
});

const failure = new AppError('provider_unavailable', 'database', 'The database is locked.', { status: 503 });
const failsAt = (page: number) => (from: number) => {
  if (from === page * PAGE) throw failure;
};

test('a failure before the first word is told in words, one in the middle breaks the file off', async () => {
  {
    await using edge = await startEdge({ store: storeOf(1000, {}, failsAt(0)) });
    const response = await fetch(`${edge.url}/api/export`);
    assert.deepEqual([response.status, response.headers.get('content-disposition')], [503, null]);
    assert.match(await response.text(), /The database is locked/);
  }
  for (const format of ['json', 'markdown']) {
    await using edge = await startEdge({ store: storeOf(1000, {}, failsAt(3)) });
    const finished = edge.requestFinished();
    const response = await fetch(`${edge.url}/api/export?format=${format}`);
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
    await finished;
    assert.deepEqual(edge.errors, [failure]);
    assert.deepEqual(edge.requests, ['GET /api/export 503']);
  }
});

test('a client that knows an answer’s end by its connection’s end is not told that it is over', async () => {
  await using edge = await startEdge({ store: storeOf(1000, {}, failsAt(3)) });
  const socket = connect(edge.port, '127.0.0.1');
  socket.write('GET /api/export?format=markdown HTTP/1.0\r\nHost: localhost\r\n\r\n');
  socket.resume();
  await assert.rejects(once(socket, 'end'), { code: 'ECONNRESET' });
});

test('a shutdown breaks a file off, too', async () => {
  const edge = await startEdge({
    store: storeOf(1000, {}, (from) => from === 3 * PAGE && edge.stopping.abort(new Cancelled('shutdown'))),
  });
  await using _ = edge;
  const finished = edge.requestFinished();
  await assert.rejects((await fetch(`${edge.url}/api/export`)).text());
  await finished;
  assert.deepEqual(edge.requests, ['GET /api/export 503']);
});

test('no more is read than the client takes, and nothing once it has left', async () => {
  const userText = 'x'.repeat(8000);
  const pageBytes = PAGE * userText.length;
  let written = 0;
  let taken = 0;
  let lag = 0;
  const onPage = () => {
    written += pageBytes;
    lag = Math.max(lag, written - taken);
  };
  await using edge = await startEdge({ store: storeOf(100_000_000, { userText }, onPage) });
  const finished = edge.requestFinished();
  const request = get(`${edge.url}/api/export`);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  response.on('data', (chunk: Buffer) => {
    taken += chunk.length;
    if (taken > 100 * 1024 * 1024) response.destroy();
  });
  await finished;
  // What the two ends of a connection hold between them, and a page or two.
  assert.ok(lag < 24 * 1024 * 1024, `${lag} bytes were read ahead`);
  assert.deepEqual(edge.requests, ['GET /api/export 499']);
  assert.deepEqual(edge.errors, []);
  const before = written;
  await fetch(`${edge.url}/api/stats`);
  assert.equal(written, before);
});

/** Asks for the file and reads nothing of it but its head. */
async function stalledExport(url: string): Promise<IncomingMessage> {
  const request = get(`${url}/api/export`, { agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => {}).pause();
  return response;
}

test('no more than four files are sent at once, and one that is over makes room', async () => {
  await using edge = await startEdge({ store: storeOf(100_000_000, { userText: 'x'.repeat(8000) }) });
  const stalled = await Promise.all(Array.from({ length: 4 }, () => stalledExport(edge.url)));
  const refused = await fetch(`${edge.url}/api/export`);
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '5']);
  assert.partialDeepStrictEqual(await refused.json(), {
    kind: 'rate_limited',
    detail: '4 files are being sent, and no more at once: ask again in 5 s.',
  });
  const finished = edge.requestFinished();
  stalled[0]?.destroy();
  await finished;
  assert.equal((await stalledExport(edge.url)).statusCode, 200);
  assert.deepEqual(
    edge.errors.map(({ kind }) => kind),
    ['rate_limited'],
  );
});

test('a file of which nothing is read is broken off, told once, and counted as one whose client left', async () => {
  const store = storeOf(100_000_000, { userText: 'x'.repeat(8000) });
  await using edge = await startEdge({ store, exportStallMs: 100 });
  const finished = edge.requestFinished();
  const response = await stalledExport(edge.url);
  await finished;
  assert.deepEqual(edge.requests, ['GET /api/export 499']);
  assert.deepEqual(
    edge.errors.map(({ kind, component, message }) => [kind, component, message]),
    [['timeout', 'http', 'Nothing of the file was read for 0.1 s, and it was broken off: ask for it again.']],
  );
  const closed = new Promise((resolve) => response.once('close', resolve));
  response.resume();
  await closed;
  assert.equal(response.complete, false);
});
