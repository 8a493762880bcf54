import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startEdge } from './support.ts';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

test('curl learns what this is and where its doors are', async () => {
  await using edge = await startEdge({ providers: 'sandbox' });
  for (const accept of ['*/*', 'application/json']) {
    const response = await fetch(edge.url, { headers: { accept } });
    assert.equal(response.headers.get('vary'), 'Accept');
    const { endpoints, ...body } = (await response.json()) as { endpoints: Record<string, string> };
    assert.deepEqual(body, { status: 'ok', service: 'learning_voice_agent', version: '1.2.3', providers: 'sandbox' });
    assert.equal(endpoints.conversation, 'POST /api/conversation');
  }
  edge.state.ready = false;
  assert.equal(((await (await fetch(edge.url)).json()) as { status: string }).status, 'not_ready');
});

test('every door that GET / names is there', async () => {
  await using edge = await startEdge();
  const { endpoints } = (await (await fetch(edge.url)).json()) as { endpoints: Record<string, string> };
  const paths = Object.values(endpoints).filter((endpoint) => endpoint.includes(' '));
  assert.equal(paths.length, 10);
  for (const endpoint of paths) {
    const [method = '', path = ''] = endpoint.split(' ');
    const options = await fetch(edge.url + path.replace('{id}', 'x'), { method: 'OPTIONS' });
    assert.ok(options.headers.get('allow')?.split(', ').includes(method), endpoint);
  }
});

test('a browser gets the page, and everything that the page asks for, under a strict policy', async () => {
  await using edge = await startEdge();
  const response = await fetch(edge.url, { headers: { accept: BROWSER } });
  assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none';script-src 'self';style-src 'self'/);
  assert.doesNotMatch(policy, /unsafe|upgrade-insecure/);
  assert.deepEqual(
    ['x-powered-by', 'strict-transport-security', 'x-content-type-options'].map((name) => response.headers.get(name)),
    [null, null, 'nosniff'],
  );
  const html = await response.text();
  assert.doesNotMatch(html, /<script(?![^>]*src=)|<style|\son\w+=|style=/, 'nothing inline');
  const asked = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path as string);
  assert.ok(asked.includes('/socket.io/socket.io.min.js') && asked.length >= 3, asked.join(' '));
  const types = { css: /^text\/css/, js: /^(text|application)\/javascript/, svg: /^image\/svg\+xml/ };
  for (const path of asked) {
    const { status, headers } = await fetch(edge.url + path);
    assert.equal(status, 200, path);
    const ending = path.split('.').at(-1) as keyof typeof types;
    assert.match(headers.get('content-type') ?? '', types[ending], path);
  }
});

test('the page’s files can be revalidated, and nothing else is served', async () => {
  await using edge = await startEdge();
  const first = await fetch(`${edge.url}/page/page.js`);
  const etag = first.headers.get('etag') ?? '';
  const again = await fetch(`${edge.url}/page/page.js`, {
    headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' },
  });
  assert.equal(again.status, 304);
  for (const path of ['/page', '/page/', '/page/none.js', '/page/..%2fhttp.ts', '/page/%2e%2e/http.ts', '/http.ts']) {
    assert.equal((await fetch(edge.url + path)).status, 404, path);
  }
  assert.deepEqual(edge.requests.slice(0, 3), ['GET /page 200', 'GET /page 304', 'GET /page 404']);
});
