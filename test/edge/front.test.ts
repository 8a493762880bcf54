import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/stack/parts.ts';
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
  assert.equal(paths.length, 12);
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
  assert.match(
    policy,
    /^default-src 'none';script-src 'self' 'wasm-unsafe-eval';style-src 'self';img-src 'self';connect-src 'self';/,
  );
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)|upgrade-insecure|https?:/);
  assert.deepEqual(
    ['x-powered-by', 'strict-transport-security', 'x-content-type-options'].map((name) => response.headers.get(name)),
    [null, null, 'nosniff'],
  );
  assert.equal(response.headers.get('permissions-policy'), 'microphone=(self), camera=(), geolocation=()');
  const html = await response.text();
  assert.doesNotMatch(html, /<script(?![^>]*src=)|<style|\son\w+=|style=/, 'nothing inline');
  assert.doesNotMatch(html, /(?:src|href)="(?!\/)/, 'nothing from elsewhere');
  const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path as string);
  const early = [...(response.headers.get('link') ?? '').matchAll(/<([^>]+)>; rel=modulepreload/g)].map(
    ([, path]) => path as string,
  );
  assert.ok(early.includes('/page/main.ts') && early.includes('/vendor/socket.io-client.js'), early.join(' '));
  const types = { css: /^text\/css/, ts: /^text\/javascript/, js: /^text\/javascript/, svg: /^image\/svg\+xml/ };
  for (const path of new Set([...named, ...early])) {
    const { status, headers } = await fetch(edge.url + path);
    assert.equal(status, 200, path);
    const ending = path.split('.').at(-1) as keyof typeof types;
    assert.match(headers.get('content-type') ?? '', types[ending], path);
  }
});

test('the modules are the sources without their types, line by line, and ask for nothing that is not served', async () => {
  await using edge = await startEdge();
  const seen = new Set<string>();
  const todo = ['/page/main.ts'];
  for (let url = todo.pop(); url; url = todo.pop()) {
    if (seen.has(url)) continue;
    seen.add(url);
    const response = await fetch(edge.url + url);
    assert.equal(response.status, 200, url);
    const code = await response.text();
    if (!url.endsWith('.ts')) continue;
    const source = await readFile(join(ROOT, 'src', url), 'utf8');
    assert.equal(code.split('\n').length, source.split('\n').length, url);
    assert.doesNotMatch(code, /^import type|^export (type|interface)|\bfrom 'node:/m, url);
    for (const [, name = ''] of code.matchAll(/(?:\bfrom |\bimport\(|new URL\()'([^']+)'/g)) {
      assert.match(name, /^[./]/, `${url} imports ${name}`);
      todo.push(new URL(name, `http://page${url}`).pathname);
    }
  }
  assert.ok(seen.has('/page/frames.worklet.ts') && seen.has('/client/voice-client.ts'), [...seen].join(' '));
  // The agent's own files beside them are nobody's business.
  for (const url of [
    '/client/talk.ts',
    '/page/index.html',
    '/page/tsconfig.json',
    '/edge/http.ts',
    '/app.ts',
    '/vendor/zod.js',
  ]) {
    assert.equal((await fetch(edge.url + url)).status, 404, url);
  }
});

test('the page’s files are for GET and HEAD, and others are told so', async () => {
  await using edge = await startEdge();
  for (const path of ['/page/main.ts', '/client/index.ts', '/listening/index.ts', '/vendor/silero-vad.onnx']) {
    const asked = (method: string) => fetch(edge.url + path, { method });
    const [head, options, post] = [await asked('HEAD'), await asked('OPTIONS'), await asked('POST')];
    assert.deepEqual([head.status, options.status, post.status], [200, 204, 405], path);
    assert.ok(head.headers.get('etag'));
    for (const { headers } of [options, post]) assert.equal(headers.get('allow'), 'GET, HEAD, OPTIONS');
    assert.match(await post.text(), /POST is not possible here: use GET, HEAD, OPTIONS/);
  }
  for (const method of ['POST', 'OPTIONS']) {
    assert.equal((await fetch(`${edge.url}/page/none.ts`, { method })).status, 404);
  }
});

test('the page’s files can be revalidated, and nothing else is served', async () => {
  await using edge = await startEdge();
  for (const path of ['/page/main.ts', '/page/styles/base.css', '/page/icon.svg', '/vendor/silero-vad.onnx']) {
    const first = await fetch(edge.url + path);
    assert.equal(first.headers.get('cache-control'), 'no-cache', path);
    const etag = first.headers.get('etag') ?? '';
    const again = await fetch(edge.url + path, { headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' } });
    assert.equal(again.status, 304, path);
  }
  for (const path of ['/page', '/page/', '/page/none.js', '/page/..%2fhttp.ts', '/page/%2e%2e/http.ts', '/http.ts']) {
    assert.equal((await fetch(edge.url + path)).status, 404, path);
  }
  assert.deepEqual(edge.requests.slice(0, 3), ['GET /page 200', 'GET /page 304', 'GET /page 200']);
});
