import type { Pace } from '../pace.ts';
import { alert } from './alert.ts';
import { recorded } from './recordings.ts';
import { type AlertRule, limits, PERCENT, q } from './rule.ts';

/** Requests and turns, as learners have them. */
export function trafficAlerts({ window, wait }: Pace): AlertRule[] {
  const { HighErrorRate: errors, SlowResponseTime: slow } = limits;
  const failing = (ratio: string, failures: string, what: string) =>
    `label_replace(${ratio} > ${errors.above} and ${failures} >= ${errors.atLeast}, "what", "${what}", "", "")`;
  const requests = q.increase('http_requests_total', window(errors.window), { where: { status: /5../ } });
  const turns = q.increase('voice_turns_total', window(errors.window), { where: { outcome: 'failed' } });
  return [
    alert('HighErrorRate', {
      // Turns over sockets have no HTTP status. One ratio of both would let many page loads hide that every turn fails.
      expr: `${failing(recorded.requestsFailed, requests, 'requests')} or ${failing(recorded.turnsFailed, turns, 'turns')}`,
      for: wait(errors.for),
      summary: `${PERCENT} of {{ $labels.what }} fail`,
      description: `More than ${errors.above * 100} % of {{ $labels.what }} failed over ${errors.window}, ${errors.atLeast} or more of them.`,
    }),
    alert('SlowResponseTime', {
      expr: `${recorded.slowResponse} > ${slow.above} and ${q.recorded('http_request_duration_seconds', window(slow.window))} >= ${slow.atLeast}`,
      for: wait(slow.for),
      summary: 'The 95th percentile of response times is {{ $value | humanizeDuration }}',
      description: `Over ${slow.window}, one request in twenty took longer than ${slow.above} s, of ${slow.atLeast} or more.`,
    }),
  ];
}
