import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { spawnSandbox } from '../../src/sandbox/spawn.ts';

const main = new URL('../../src/sandbox/main.ts', import.meta.url).pathname;

test('the sandbox runs alone, prints its addresses, and SIGTERM ends it', async (t) => {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, SANDBOX_PORT: '0', LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes('OPENAI_BASE_URL')) break;
  }
  const [, openai] = /OPENAI_BASE_URL=(.*)/.exec(lines.at(-1) ?? '') ?? [];
  const response = await fetch(`${openai}/models`, { headers: { authorization: 'Bearer k' } });
  assert.equal(response.headers.get('x-sandbox'), 'true');

  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});

test('alone it listens where SANDBOX_HOST says, on loopback without it; a spawned one stays on loopback', async (t) => {
  const loggedUrl = async (env: Record<string, string>) => {
    const child = spawn(process.execPath, [main], {
      env: { ...process.env, SANDBOX_PORT: '0', LOG_LEVEL: 'silent', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    for await (const line of createInterface({ input: child.stdout })) {
      const [, url] = /ANTHROPIC_BASE_URL=(.*)/.exec(line) ?? [];
      if (url) return new URL(url).hostname;
    }
    return undefined;
  };
  assert.equal(await loggedUrl({ SANDBOX_HOST: '0.0.0.0' }), '0.0.0.0');
  assert.equal(await loggedUrl({ SANDBOX_HOST: '' }), '127.0.0.1');

  process.env.SANDBOX_HOST = '127.0.0.2';
  t.after(() => delete process.env.SANDBOX_HOST);
  const sandbox = await spawnSandbox(() => {});
  t.after(() => sandbox.stop());
  assert.equal((await fetch(sandbox.url)).status, 200);
});

test('a spawned sandbox ends when it is told to', async () => {
  const sandbox = await spawnSandbox(() => assert.fail('it was asked to end'));
  assert.equal((await fetch(sandbox.url)).status, 200);
  await sandbox.stop();
  await assert.rejects(fetch(sandbox.url));
});

test('a spawned sandbox ends with the process that spawned it, even when that one is killed', async (t) => {
  const script = `import { spawnSandbox } from ${JSON.stringify(new URL('../../src/sandbox/spawn.ts', import.meta.url).href)};
    console.log((await spawnSandbox(() => {})).url);`;
  const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => parent.kill('SIGKILL'));
  const [url] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  await fetch(`${url}/sandbox/faults`, { method: 'PUT', body: JSON.stringify({ models: { stall: 'headers' } }) });
  const held = assert.rejects(fetch(`${url}/v1/models`, { headers: { authorization: 'Bearer k' } }));
  parent.kill('SIGKILL');
  await held;
  await assert.rejects(fetch(url));
});
