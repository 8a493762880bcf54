import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTrace } from '../../src/client/index.ts';

test('every trace is new, and W3C’s', () => {
  const traces = Array.from({ length: 1000 }, newTrace);
  for (const { traceparent, traceId } of traces) {
    assert.match(traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.equal(traceparent.split('-')[1], traceId);
  }
  assert.equal(new Set(traces.map(({ traceId }) => traceId)).size, traces.length);
  assert.equal(new Set(traces.map(({ traceparent }) => traceparent.split('-')[2])).size, traces.length);
});
