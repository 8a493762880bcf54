import { CONFIG } from '../config.ts';
import { anyOf, none, type Panel, q } from './board.ts';

const W = '$__rate_interval';
const NO_AGENT = 'No agent is known yet';
const { TelemetryStale: stale } = CONFIG.alerts;
const beats = (window: Parameters<typeof q.rate>[1]) => `changes(${q.series('process_uptime_seconds', {}, window)})`;

export const freshness: readonly Panel[] = [
  {
    key: 'heartbeats',
    title: `Heartbeats in ${stale.window}`,
    help: `How often each instance’s uptime changed within ${stale.window}: it does with every push that arrives. At 0 what the boards show of it is old.`,
    kind: 'lines',
    unit: 'short',
    width: 8,
    min: 0,
    noValue: NO_AGENT,
    alerts: ['TelemetryStale', 'AgentDown'],
    thresholds: [none('warning')],
    queries: [{ expr: `max by (instance) (${beats(stale.window)})`, legend: '{{instance}}' }],
  },
  {
    key: 'silent-instances',
    title: 'Silent instances',
    help: `Instances that pushed within ${stale.memory}, and nothing new for ${stale.window}.`,
    kind: 'number',
    unit: 'short',
    width: 4,
    noValue: 'Prometheus does not answer',
    thresholds: [{ at: 1, side: 'above', severity: 'warning' }],
    queries: [
      {
        expr: `count(max_over_time(${q.series('process_uptime_seconds', {}, stale.memory)}) unless ${beats(stale.window)} > 0) or vector(0)`,
        legend: 'silent',
      },
    ],
  },
  {
    key: 'agent-uptime',
    title: 'Agents run for',
    help: 'Seconds since each instance started; a fall is a restart.',
    kind: 'lines',
    unit: 's',
    width: 6,
    noValue: NO_AGENT,
    queries: [{ expr: q.gauge('max', 'process_uptime_seconds', { by: ['instance'] }), legend: '{{instance}}' }],
  },
  {
    key: 'versions',
    title: 'Versions',
    help: 'Instances by the version that they run.',
    kind: 'table',
    unit: 'short',
    width: 6,
    noValue: NO_AGENT,
    queries: [{ expr: q.gauge('count', 'agent_build_info', { by: ['job', 'version'] }), legend: '{{version}}' }],
  },
  {
    key: 'dropped-points',
    title: 'Points that agents dropped in the last hour',
    help: 'Points kept from the collector because they would have spoilt a whole batch, by reason. label_overflow: a label has more values than its bound, and the rest is counted as other.',
    kind: 'lines',
    unit: 'short',
    width: 12,
    noValue: NO_AGENT,
    alerts: ['CardinalityOverflow', 'TelemetryLoss'],
    thresholds: [anyOf('warning')],
    queries: [{ expr: q.increase('telemetry_dropped_points_total', '1h', { by: ['reason'] }), legend: '{{reason}}' }],
  },
  {
    key: 'self-check',
    title: 'Self-check',
    help: 'Up once a span or log line of a patch was really seen in the process. A patch that stays down under traffic is broken, and its data missing.',
    kind: 'states',
    unit: 'up',
    width: 12,
    noValue: NO_AGENT,
    thresholds: [none('warning')],
    queries: [{ expr: q.gauge('min', 'telemetry_self_check', { by: ['check'] }), legend: '{{check}}' }],
  },
];

export const runtime: readonly Panel[] = [
  {
    key: 'event-loop',
    title: 'Event loop busy',
    help: 'Share of the time that the event loop works, by instance; near 1 everything waits.',
    kind: 'lines',
    unit: 'percentunit',
    width: 8,
    min: 0,
    noValue: NO_AGENT,
    queries: [
      {
        expr: q.share('nodejs_eventloop_time_seconds_total', W, {
          part: { nodejs_eventloop_state: 'active' },
          by: ['instance'],
        }),
        legend: '{{instance}}',
      },
    ],
  },
  {
    key: 'heap',
    title: 'Heap',
    help: 'Heap that is in use and that V8 has set aside, by instance. Use that never falls is a leak.',
    kind: 'lines',
    unit: 'bytes',
    width: 8,
    min: 0,
    noValue: NO_AGENT,
    queries: [
      { expr: q.gauge('sum', 'v8js_memory_heap_used_bytes', { by: ['instance'] }), legend: '{{instance}}, in use' },
      {
        expr: q.gauge('sum', 'v8js_memory_heap_space_size_bytes', { by: ['instance'] }),
        legend: '{{instance}}, set aside',
      },
    ],
  },
  {
    key: 'garbage-collection',
    title: 'Garbage collection, mean pause',
    help: 'Mean length of a collection, by kind; while a major one runs nobody is answered.',
    kind: 'lines',
    unit: 's',
    width: 8,
    noValue: 'No garbage was collected in the window',
    queries: [{ expr: q.mean('v8js_gc_duration_seconds', W, { by: ['v8js_gc_type'] }), legend: '{{v8js_gc_type}}' }],
  },
];
