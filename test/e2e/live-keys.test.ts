import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/stack/parts.ts';
import { startAgent } from '../support/agent.ts';
import { recordings } from '../support/recordings.ts';

test('with keys set, the providers themselves would be asked, with those keys and nothing else changed', async () => {
  const [recording] = await recordings();
  await using agent = await startAgent({
    env: {
      NODE_OPTIONS: `--import ${join(ROOT, 'test/support/record-fetch.ts')}`,
      ANTHROPIC_API_KEY: 'key-of-anthropic',
      OPENAI_API_KEY: 'key-of-openai',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    },
  });
  assert.equal((await agent.json<{ providers: string }>('/')).providers, 'live');
  const say = (body: string | Uint8Array, type: string) =>
    fetch(`${agent.url}/api/conversation`, { method: 'POST', headers: { 'content-type': type }, body: body as string });
  const typed = await say(JSON.stringify({ text: 'What is a closure?' }), 'application/json');
  const spoken = await say(recording.bytes, 'audio/wav');
  for (const response of [typed, spoken]) assert.equal(response.status, 502, 'a wrong key is told, not hidden');
  assert.match(await typed.text(), /ANTHROPIC_API_KEY/);
  assert.match(await spoken.text(), /OPENAI_API_KEY/);

  const calls = agent
    .log(200)
    .split('\n')
    .filter((line) => line.startsWith('would-call ') && !line.includes('"data:'))
    .map((line) => JSON.parse(line.slice('would-call '.length)) as { method: string; url: string; key: string });
  const called = new Set(
    calls.map(({ method, url, key }) => `${method} ${url.split('?')[0]} ${key.replace('Bearer ', '')}`),
  );
  assert.deepEqual([...called].sort(), [
    'GET https://api.anthropic.com/v1/models key-of-anthropic',
    'GET https://api.openai.com/v1/models key-of-openai',
    'POST https://api.anthropic.com/v1/messages key-of-anthropic',
    'POST https://api.openai.com/v1/audio/transcriptions key-of-openai',
  ]);
});
