import { type Board, type Panel, perMinute, q } from './board.ts';
import { firstResponse, outliers, perceivedResponse, stages, turnsByOutcome } from './turns.ts';

const W = '$__rate_interval';
const NO_AGENT = 'No agent is known yet';
const NO_TURN = 'No turn in the window';

const turns: readonly Panel[] = [
  {
    key: 'turn-duration',
    title: 'Duration of answered turns',
    help: 'Time from the end of speech to the last word, stored and spoken: median and 95th percentile.',
    kind: 'lines',
    unit: 's',
    width: 8,
    noValue: NO_TURN,
    queries: [0.5, 0.95].map((quantile) => ({
      expr: q.quantile(quantile, 'voice_turn_duration_seconds', W, { where: { outcome: 'answered' } }),
      legend: `p${quantile * 100}`,
    })),
  },
  {
    key: 'turn-heatmap',
    title: 'Durations of turns',
    help: 'How many turns a second took how long, whatever their outcome.',
    kind: 'heatmap',
    unit: 's',
    width: 8,
    noValue: NO_TURN,
    queries: [{ expr: q.buckets('voice_turn_duration_seconds', W), legend: '{{le}}' }],
  },
  {
    key: 'stage-p95',
    title: 'Stages of a turn, p95',
    help: '95th percentile of each stage: which one makes slow turns slow. Percentiles do not add up; the means do.',
    kind: 'lines',
    unit: 's',
    width: 8,
    noValue: NO_TURN,
    queries: [
      { expr: q.quantile(0.95, 'voice_turn_stage_duration_seconds', W, { by: ['stage'] }), legend: '{{stage}}' },
    ],
  },
  {
    key: 'turn-spans',
    title: 'Turns by their spans, p95',
    help: '95th percentile of the spans of a turn and its stages, and of its client, which ends with the first word or sound perceived (voice.client.turn); each diamond is one turn and opens its trace.',
    kind: 'lines',
    unit: 's',
    width: 24,
    noValue: 'No span in the window',
    queries: [
      {
        expr: q.quantile(0.95, 'traces_span_metrics_duration_seconds', W, {
          where: { span_name: /(voice|turn)[.].+/ },
          by: ['span_name'],
        }),
        legend: '{{span_name}}',
        exemplars: true,
      },
    ],
  },
];

const sessions: readonly Panel[] = [
  {
    key: 'sessions-active',
    title: 'Active sessions',
    help: 'Sessions that were active within SESSION_ACTIVE_S, by instance.',
    kind: 'stacked',
    unit: 'short',
    width: 8,
    noValue: NO_AGENT,
    queries: [{ expr: q.gauge('sum', 'sessions_active', { by: ['instance'] }), legend: '{{instance}}' }],
  },
  {
    key: 'sessions-new',
    title: 'New sessions',
    help: 'Sessions created an hour, as the last hour had them; a resumed one is not created again.',
    kind: 'lines',
    unit: 'suffix:/h',
    width: 8,
    noValue: NO_AGENT,
    queries: [{ expr: q.increase('sessions_total', '1h'), legend: 'sessions' }],
  },
  {
    key: 'session-duration',
    title: 'Duration of sessions',
    help: 'Median and 95th percentile over the last hour, counted when a session ends or expires.',
    kind: 'lines',
    unit: 's',
    width: 8,
    noValue: 'No session ended in the last hour',
    queries: [0.5, 0.95].map((quantile) => ({
      expr: q.quantile(quantile, 'session_duration_seconds', '1h'),
      legend: `p${quantile * 100}`,
    })),
  },
];

const conversation: readonly Panel[] = [
  {
    key: 'exchanges-by-intent',
    title: 'Exchanges by intent',
    help: 'Stored exchanges a minute by what the learner’s words meant.',
    kind: 'stacked',
    unit: 'suffix:/min',
    width: 8,
    noValue: NO_AGENT,
    queries: [{ expr: perMinute(q.rate('conversation_exchanges_total', W, { by: ['intent'] })), legend: '{{intent}}' }],
  },
  {
    key: 'quality',
    title: 'Quality of replies',
    help: 'Median and lowest tenth, 0 to 1: relevance, clarity, brevity, one question. The formula is in docs/scoring.md.',
    kind: 'lines',
    unit: 'percentunit',
    width: 8,
    min: 0,
    max: 1,
    noValue: 'No whole reply in the window',
    queries: [
      { expr: q.quantile(0.5, 'conversation_quality_score', W), legend: 'median' },
      { expr: q.quantile(0.1, 'conversation_quality_score', W), legend: 'lowest tenth' },
    ],
  },
  {
    key: 'engagement',
    title: 'Engagement',
    help: 'Mean engagement of the active sessions, 0 to 1: turns, follow-ups, questions, length, topics. The formula is in docs/scoring.md.',
    kind: 'lines',
    unit: 'percentunit',
    width: 8,
    min: 0,
    max: 1,
    noValue: 'No session is active',
    queries: [{ expr: q.gauge('avg', 'user_engagement_score', { by: ['instance'] }), legend: '{{instance}}' }],
  },
];

/** What learners get: turns, sessions, conversation. */
export const learning: Board = {
  uid: 'lva-learning',
  title: 'Learning voice agent: learning',
  description: 'Turns from speech to answer, sessions, and how good the conversation is.',
  rows: [
    { title: 'Turns', panels: [turnsByOutcome, stages, firstResponse, perceivedResponse, ...turns] },
    { title: 'Sessions', panels: sessions },
    { title: 'Conversation', panels: conversation },
    { title: 'Turns worth a look', height: 6, panels: [outliers] },
  ],
};
