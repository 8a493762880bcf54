import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePorts, isFree } from '../../scripts/stack/ports.ts';
import { isAlive } from '../../scripts/stack/process.ts';
import { readRecord } from '../../scripts/stack/record.ts';
import { runProgram } from '../support/programs.ts';
import { temporaryDir } from '../support/temporary-dir.ts';

type Failure = Error & { code: number; stdout: string; stderr: string };

const PARTS = ['redis', 'collector', 'alerts', 'alertmanager', 'prometheus', 'agent'];

test('up starts everything once, status tells, down leaves nothing', async () => {
  await using dir = await temporaryDir();
  const ports = await freePorts();
  const stack = (command: string) =>
    runProgram(process.execPath, ['scripts/stack.ts', command], { STACK_DIR: dir.path, PORT: `${ports.agent}` });
  try {
    const first = await stack('up');
    for (const part of PARTS) {
      assert.match(first, new RegExp(`^${part} +ready in`, 'm'));
    }
    const record = readRecord(dir.path);
    const ids = Object.values(record?.processes ?? {});
    assert.equal(ids.length, PARTS.length);
    assert.match(await stack('status'), /^agent +ready, pid/m);
    assert.match(first, /^ {2}alerts +http:\S+\/alerts, printed in \S+\/logs\/alerts\.log$/m);
    assert.match(first, /^ {2}the runbook +http:\S+\/consoles\/runbook\.html$/m);
    const runbook = await fetch(`http://127.0.0.1:${record?.ports.prometheus}/consoles/runbook.html`);
    assert.equal(runbook.status, 200);
    assert.match(await runbook.text(), /id="agentdown"/);

    const second = await stack('up');
    assert.equal(second.match(/already running/g)?.length, PARTS.length);
    assert.deepEqual(readRecord(dir.path), record);

    const stopped = [...(await stack('down')).matchAll(/^(\S+) +stopped$/gm)].map(([, part]) => part);
    assert.deepEqual(stopped, PARTS.toReversed());
    assert.deepEqual(ids.filter(isAlive), []);
    await assert.rejects(
      stack('status'),
      (error: Failure) => error.code === 1 && /Nothing is running/.test(error.stdout),
    );
  } finally {
    await stack('down');
  }
});

test("when the agent's port is taken, up says so in one line and starts nothing", async () => {
  await using dir = await temporaryDir();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const up = runProgram(process.execPath, ['scripts/stack.ts', 'up'], { STACK_DIR: dir.path, PORT: `${port}` });
  await assert.rejects(up, (error: Failure) => {
    assert.equal(
      error.stderr,
      `Port ${port} is taken by another program; choose one for the agent: PORT=${port + 1} make up\n`,
    );
    return error.code === 1;
  });
  server.close();
  assert.equal(readRecord(dir.path), undefined);
});

test('when a part fails, up shows its log and stops what it had started', async () => {
  await using dir = await temporaryDir();
  const ports = await freePorts();
  const env = { STACK_DIR: dir.path, PORT: `${ports.agent}`, LOG_LEVEL: 'shouting' };
  await assert.rejects(runProgram(process.execPath, ['scripts/stack.ts', 'up'], env), (error: Failure) => {
    assert.match(error.stderr, /^agent exited while starting\.$/m);
    assert.match(error.stderr, /LOG_LEVEL="shouting"/);
    assert.match(
      error.stdout,
      /prometheus +stopped\nalertmanager +stopped\nalerts +stopped\ncollector +stopped\nredis +stopped/,
    );
    return error.code === 1;
  });
  assert.equal(readRecord(dir.path), undefined);
  assert.ok(await isFree(ports.agent));
});
