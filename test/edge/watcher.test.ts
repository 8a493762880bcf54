import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLIENT_EVENTS, SERVER_EVENTS } from '../../src/edge/protocol.ts';
import { FROM_CLIENT, TO_CLIENT } from '../../src/telemetry/catalog/traffic.ts';
import { createClientSpans } from '../../src/telemetry/client-spans.ts';
import { createOutliers } from '../../src/telemetry/outliers.ts';
import { watchEdge } from '../../src/telemetry/watch/edge.ts';
import { startMeter } from '../support/meter.ts';

test('every event of the protocol is a message type of the catalog', () => {
  assert.deepEqual([...CLIENT_EVENTS, 'other'], [...FROM_CLIENT]);
  assert.deepEqual([...SERVER_EVENTS], [...TO_CLIENT]);
});

test('what the catalog does not know is folded into other, and is no overflow', async () => {
  await using meter = startMeter();
  const watcher = watchEdge({
    instruments: meter.instruments,
    outliers: createOutliers(),
    clientSpans: createClientSpans([]),
  });
  watcher.message('received', 'x'.repeat(1000));
  watcher.message('received', 'reply');
  watcher.httpStarted('/of/nobody')('PROPFIND', '418', 0.1);
  const snapshot = await meter.snapshot();
  assert.equal(snapshot.sum('websocket_messages_total', { message_type: 'other' }), 2);
  assert.equal(snapshot.sum('http_requests_total', { endpoint: 'other', method: 'other', status: 'other' }), 1);
  assert.equal(snapshot.sum('http_requests_in_progress'), 0);
  assert.equal(snapshot.sum('telemetry_dropped_points_total'), 0);
});
