import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { redis } from '../../scripts/stack/parts.ts';
import { choosePorts, DEFAULT_PORTS, freePorts, isFree } from '../../scripts/stack/ports.ts';
import { isAlive, stop } from '../../scripts/stack/process.ts';
import { startCollector } from '../support/collector.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { startRedis } from '../support/redis.ts';
import { startPart } from '../support/running-part.ts';

const exists = (pid: number) => existsSync(`/proc/${pid}`);

test('Redis serves, and comes back on the same port', async () => {
  const first = await startRedis();
  await redis(first).ready();
  assert.equal(await first.stop(), true);
  await assert.rejects(redis(first).ready(), /ECONNREFUSED/);
  await using second = await startRedis({ ports: first.ports });
  assert.equal(second.url, first.url);
  await first[Symbol.asyncDispose]();
});

test('no part leaves a process, a port or a file behind', async () => {
  const parts = [];
  {
    await using cache = await startRedis();
    await using collector = await startCollector();
    await using prometheus = await startPrometheus(collector);
    parts.push(cache, collector, prometheus);
    for (const { pid } of parts) assert.ok(exists(pid));
  }
  for (const { pid, dir } of parts) {
    assert.ok(!exists(pid));
    assert.ok(!existsSync(dir));
  }
  assert.ok(await isFree(parts[0]?.ports.redis ?? 0));
});

test('a part that cannot start says why, with its log', async () => {
  const bad = (args: string[]) => startPart((ports, dir) => ({ ...redis({ ports, dir }), args }));
  await assert.rejects(bad(['--nonsense', 'yes']), /redis exited while starting\.\n.*nonsense/s);
  const missing = startPart((ports, dir) => ({ ...redis({ ports, dir }), command: '/nowhere/redis-server' }));
  await assert.rejects(missing, /redis cannot be started: .*ENOENT; get what it needs with: make install/);
});

test('a taken port is replaced by a free one, and the others are kept', async () => {
  const wanted = await freePorts();
  const server = createServer().listen(wanted.prometheus, '127.0.0.1');
  await once(server, 'listening');
  const chosen = await choosePorts(wanted);
  server.close();
  assert.notEqual(chosen.prometheus, wanted.prometheus);
  assert.deepEqual({ ...chosen, prometheus: wanted.prometheus }, wanted);
  assert.equal(new Set(Object.values(chosen)).size, Object.keys(DEFAULT_PORTS).length);
});

test('a later process with the same pid is not taken for the one that was started, nor stopped', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const impostor = { pid: child.pid ?? 0, startTicks: '1' };
  assert.equal(isAlive(impostor), false);
  await stop(impostor);
  assert.equal(child.exitCode ?? child.signalCode, null);
  child.kill();
  await once(child, 'exit');
});

test('a process that ignores SIGTERM is killed after the grace', async () => {
  const deaf = (ports: Awaited<ReturnType<typeof freePorts>>, dir: string) => ({
    ...redis({ ports, dir }),
    command: process.execPath,
    args: ['-e', `process.on('SIGTERM', () => {}); net.createServer().listen(${ports.redis}, '127.0.0.1')`],
    ready: async () => assert.equal(await isFree(ports.redis), false),
  });
  await using part = await startPart(deaf);
  assert.equal(await part.stop(300), false);
  assert.ok(!exists(part.pid));
});
