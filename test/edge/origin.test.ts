import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { fromThisMachine } from '../../src/edge/origin.ts';
import { startEdge } from './support.ts';

test('without a token a request has to name this machine, and its page too', () => {
  const asked = (host?: string, origin?: string) =>
    fromThisMachine({ headers: { ...(host && { host }), ...(origin && { origin }) } });
  for (const host of ['localhost:8000', '127.0.0.1:8000', '[::1]:8000', 'LOCALHOST', '127.0.0.2'])
    assert.ok(asked(host), host);
  for (const host of [
    'evil.example:8000',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.1',
    '',
    undefined,
  ]) {
    assert.equal(asked(host), false, host);
  }
  assert.ok(asked('localhost:8000', 'http://localhost:8000'));
  for (const origin of ['http://evil.example', 'http://localhost:9999', 'null'])
    assert.equal(asked('localhost:8000', origin), false);
});

/** The status of a GET that names another host; fetch would not let us. */
const statusFor = (url: string, headers: Record<string, string>) =>
  new Promise<number | undefined>((resolve, reject) => {
    request(url, { headers }, (response) => resolve(response.resume().statusCode))
      .once('error', reject)
      .end();
  });

test('a page of the web that points its own name at this machine gets nothing', async () => {
  await using edge = await startEdge({});
  const host = 'evil.example:8000';
  for (const path of ['/api/stats', '/metrics', '/api/metrics', '/api/health']) {
    assert.equal(await statusFor(`${edge.url}${path}`, { host }), 401, path);
    assert.equal(await statusFor(`${edge.url}${path}`, {}), 200, path);
  }
  const socket = io(edge.url, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    extraHeaders: { host },
  });
  await new Promise((resolve) => socket.once('connect_error', resolve));
  assert.equal(edge.sockets.opened, 0);
  socket.close();
});

test('with tokens any name will do, for those who have one', async () => {
  await using edge = await startEdge({ tokens: ['secret'] });
  const headers = { host: 'agent.example', authorization: 'Bearer secret' };
  assert.equal(await statusFor(`${edge.url}/api/stats`, headers), 200);
});
