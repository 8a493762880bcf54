import { CONFIG } from '../config.ts';
import { recorded } from '../rules/recordings.ts';
import { type Board, firing, levelOf, none, type Panel, perMinute, q, recordedAs, targets, variable } from './board.ts';
import { costPerHour, costPerMonth } from './money.ts';
import { sloPanels } from './slo.ts';
import { firstResponse, outliers, perceivedResponse, stages, turnsByOutcome } from './turns.ts';

const { AgentDown: down } = CONFIG.alerts;

const glance: readonly Panel[] = [
  {
    key: 'agents-alive',
    title: 'Agents alive',
    help: `Agents that pushed a new heartbeat within ${down.window}. The collector repeats a dead agent’s last values, so up says nothing about agents.`,
    kind: 'number',
    unit: 'short',
    width: 3,
    noValue: 'Prometheus does not answer',
    alerts: ['AgentDown'],
    thresholds: [none('critical')],
    queries: [
      {
        expr: `count(changes(${q.series('process_uptime_seconds', {}, down.window)}) > 0) or vector(0)`,
        legend: 'alive',
      },
    ],
  },
  {
    key: 'health-now',
    title: 'Health',
    help: 'Down when the last check of any dependency of any instance failed; the dependencies’ board says which.',
    kind: 'number',
    unit: 'up',
    width: 3,
    noValue: 'No dependency was checked yet',
    thresholds: [none('critical')],
    queries: [{ expr: q.gauge('min', 'dependency_up'), legend: 'dependencies' }],
  },
  {
    key: 'turns-now',
    title: 'Turns',
    help: 'Turns a minute, however they ended.',
    kind: 'number',
    unit: 'suffix:/min',
    width: 3,
    noValue: 'No agent is known yet',
    queries: [{ expr: perMinute(q.rate('voice_turns_total', '$__rate_interval')), legend: 'turns' }],
  },
  {
    key: 'first-word-now',
    title: 'First word, p95',
    help: 'Nineteen of twenty turns of the last hour had their first word sent sooner than this after the learner’s speech had come; when it was seen stands below.',
    kind: 'number',
    unit: 's',
    width: 3,
    noValue: 'No turn in the last hour',
    queries: [
      {
        expr: q.quantile(0.95, 'voice_turn_first_response_seconds', '1h', { where: { kind: 'text' } }),
        legend: 'p95',
      },
    ],
  },
  {
    key: 'errors-now',
    title: 'Errors now',
    help: 'Failures a minute, each counted once where it was handled, bad requests of clients included.',
    kind: 'number',
    unit: 'suffix:/min',
    width: 3,
    noValue: 'No agent is known yet',
    queries: [{ expr: perMinute(q.rate('errors_total', '$__rate_interval')), legend: 'errors' }],
  },
  {
    key: 'cost-today',
    title: 'Cost, last 24 h',
    help: 'Spent at the providers within the last 24 hours, not since midnight, by the price table.',
    kind: 'number',
    unit: 'currencyUSD',
    width: 3,
    noValue: 'No agent is known yet',
    queries: [{ expr: q.increase('api_cost_total', '24h'), legend: 'cost' }],
  },
  {
    key: 'sessions-now',
    title: 'Sessions',
    help: 'Sessions that were active within SESSION_ACTIVE_S, over all instances.',
    kind: 'number',
    unit: 'short',
    width: 3,
    noValue: 'No agent is known yet',
    queries: [{ expr: q.gauge('sum', 'sessions_active'), legend: 'sessions' }],
  },
  {
    key: 'alerts-now',
    title: 'Alerts firing',
    help: 'Alerts of these rules that fire now. The table at the end of this board names them.',
    kind: 'number',
    unit: 'short',
    width: 3,
    noValue: 'Prometheus does not answer',
    thresholds: [{ at: 1, side: 'above', severity: 'critical' }],
    queries: [{ expr: `count(${firing()}) or vector(0)`, legend: 'firing' }],
  },
];

const failing: Panel = {
  key: 'error-ratio',
  title: 'Requests and turns that fail',
  help: 'Share of HTTP requests answered with 5xx, and of turns that failed by our fault or a provider’s. Turns over sockets have no HTTP status, so both are watched.',
  kind: 'lines',
  unit: 'percentunit',
  width: 8,
  noValue: 'No request and no turn in the window',
  alerts: ['HighErrorRate'],
  thresholds: [levelOf('HighErrorRate')],
  queries: [
    { expr: recordedAs(recorded.requestsFailed), legend: 'requests' },
    { expr: recordedAs(recorded.turnsFailed), legend: 'turns' },
  ],
};

const errorsByComponent: Panel = {
  key: 'errors-by-component',
  title: 'Errors by component',
  help: 'Failures a minute by the component that failed, each counted once; bad requests are those of the edge.',
  kind: 'stacked',
  unit: 'suffix:/min',
  width: 8,
  noValue: 'No agent is known yet',
  queries: [
    {
      expr: perMinute(q.rate('errors_total', '$__rate_interval', { by: ['component'] })),
      legend: '{{component}}',
    },
  ],
};

const up: Panel = {
  key: 'up',
  title: 'Scrape targets',
  help: 'Whether Prometheus could scrape its targets. Both are the collector’s: an agent that died shows in Agents alive.',
  kind: 'states',
  unit: 'up',
  width: 8,
  noValue: 'Prometheus has not scraped yet',
  thresholds: [none('critical')],
  queries: [{ expr: targets.gauge('min', 'up', { by: ['job'] }), legend: '{{job}}' }],
};

const alertsFiring: Panel = {
  key: 'alerts-firing',
  title: 'Alerts that fire',
  help: 'Each of these rules’ alerts that fires now, with its labels. A row links to the runbook, which starts with what fires.',
  kind: 'table',
  unit: 'short',
  width: 16,
  noValue: 'Nothing fires',
  labelsOnly: true,
  rowLink: { title: 'Runbook', url: variable('runbook') },
  exempt: 'A healthy system has no firing alert.',
  queries: [{ expr: firing(), legend: '{{alertname}}' }],
};

/** Where an operator looks first: is the promise kept, and if not, since when and why. */
export const overview: Board = {
  uid: 'lva-overview',
  title: 'Learning voice agent: overview',
  description: 'Whether learners are answered in time, what goes wrong, and what it costs.',
  rows: [
    { title: 'At a glance', height: 4, panels: glance },
    { title: 'The promise: answered, and in time', panels: sloPanels },
    { title: 'Turns', panels: [turnsByOutcome, stages, firstResponse, perceivedResponse] },
    { title: 'Errors and cost', panels: [failing, errorsByComponent, costPerHour, costPerMonth] },
    { title: 'What is behind it', height: 6, panels: [up, alertsFiring, outliers] },
  ],
};
