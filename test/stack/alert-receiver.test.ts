import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { lineOf, startReceiver, type ToldAlert } from '../../scripts/alert-receiver.ts';
import { alerts } from '../../scripts/stack/parts.ts';
import { startPart } from '../support/running-part.ts';

const alert: ToldAlert = {
  status: 'firing',
  labels: { alertname: 'RedisDown', severity: 'warning' },
  annotations: { summary: 'a:1 cannot reach Redis', runbook_url: 'http://p/consoles/runbook.html#redisdown' },
  startsAt: '2026-01-02T03:04:05.678Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: '',
};
const send = (url: string, body: string) => fetch(url, { method: 'POST', body });

test('one line an alert: when, what, how severe, which, its summary and its runbook', () => {
  assert.equal(
    lineOf(alert),
    '03:04:05 FIRING   warning  RedisDown: a:1 cannot reach Redis  http://p/consoles/runbook.html#redisdown',
  );
  assert.match(lineOf({ ...alert, status: 'resolved', endsAt: '2026-01-02T04:00:00Z' }), /^04:00:00 RESOLVED warning/);
  assert.match(lineOf({ ...alert, labels: {}, annotations: {} }), /unknown +\(no name\): \(no summary\)$/);
});

test('nothing in an alert reaches the terminal as an order', () => {
  const line = lineOf({ ...alert, annotations: { summary: 'a\u001b[2Jb\nFIRING c\u202e' } });
  assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
});

test('as a part of the stack it prints each alert and keeps it as a line of JSON', async () => {
  await using part = await startPart((ports, dir) => alerts({ ports, dir }));
  const url = `http://127.0.0.1:${part.ports.alerts}/`;
  const resolved = { ...alert, status: 'resolved' };
  assert.equal((await send(url, JSON.stringify({ version: '4', alerts: [alert, resolved] }))).status, 200);
  const kept = (await readFile(join(part.dir, 'alerts/alerts.jsonl'), 'utf8')).trim().split('\n');
  assert.deepEqual(
    kept.map((line) => JSON.parse(line)),
    [alert, resolved],
  );
  assert.match(part.log(), /FIRING {3}warning {2}RedisDown/);
  assert.equal(await part.stop(), true);
});

test('what is no message of Alertmanager’s is refused with the reason, and tells nobody', async () => {
  const told: ToldAlert[] = [];
  const receiver = await startReceiver({ onAlert: (each) => told.push(each) });
  try {
    for (const [body, why] of [
      ['no JSON', /JSON/],
      ['{}', /no list `alerts`/],
      ['{"alerts": [{"status": "odd"}]}', /"odd": it must be firing or resolved/],
      ['x'.repeat(5_000_000), /More than/],
    ] as const) {
      const answer = await send(receiver.url, body);
      assert.equal(answer.status, 400);
      assert.match(await answer.text(), why);
    }
    assert.equal((await fetch(receiver.url)).status, 200);
    assert.equal((await fetch(receiver.url, { method: 'DELETE' })).status, 405);
    assert.deepEqual(told, []);
  } finally {
    await receiver.stop();
  }
});

test('an alert that cannot be kept is asked for again, and those beside it are told', async () => {
  const told: string[] = [];
  const receiver = await startReceiver({
    onAlert: ({ labels: { alertname = '' } }) => {
      if (alertname === 'A') throw new Error('no space left on device');
      told.push(alertname);
    },
  });
  try {
    const named = (alertname: string) => ({ ...alert, labels: { alertname } });
    const answer = await send(receiver.url, JSON.stringify({ alerts: [named('A'), named('B')] }));
    assert.equal(answer.status, 500, 'Alertmanager sends again after a 5xx only');
    assert.match(await answer.text(), /no space left/);
    assert.deepEqual(told, ['B']);
  } finally {
    await receiver.stop();
  }
});
