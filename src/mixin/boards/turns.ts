import { type Panel, perMinute, q } from './board.ts';

/** Panels of turns that more than one board shows. */
export const turnsByOutcome: Panel = {
  key: 'turns-by-outcome',
  title: 'Turns by outcome',
  help: 'Turns a minute by how they ended: answered; failed, by our fault or a provider’s; interrupted by the learner; refused, because a budget is spent or the recording cannot be used; empty, because nothing was said.',
  kind: 'stacked',
  unit: 'suffix:/min',
  width: 12,
  noValue: 'No agent is known yet',
  colours: { answered: 'green', failed: 'red', interrupted: 'blue', refused: 'orange', empty: 'gray' },
  queries: [
    { expr: perMinute(q.rate('voice_turns_total', '$__rate_interval', { by: ['outcome'] })), legend: '{{outcome}}' },
  ],
};

const first = (quantile: number, kind: 'text' | 'sound' | 'seen' | 'heard') =>
  q.quantile(quantile, 'voice_turn_first_response_seconds', '$__rate_interval', { where: { kind } });

export const firstResponse: Panel = {
  key: 'first-response',
  title: 'First response, as the agent sent it',
  help: 'Time from when the agent had the learner’s speech to the first word and to the first sound that it sent: median, and what nineteen of twenty turns stay under. SLO_FIRST_RESPONSE_S is the limit for a good turn; the way to the learner and back is not in it.',
  kind: 'lines',
  unit: 's',
  width: 12,
  noValue: 'No turn in the window',
  queries: [
    { expr: first(0.5, 'text'), legend: 'first word, p50' },
    { expr: first(0.95, 'text'), legend: 'first word, p95' },
    { expr: first(0.5, 'sound'), legend: 'first sound, p50' },
    { expr: first(0.95, 'sound'), legend: 'first sound, p95' },
  ],
};

export const perceivedResponse: Panel = {
  key: 'perceived-response',
  title: 'First response, as the learner perceived it',
  help: 'Time from the learner’s last word to the first word that they saw and to the first sound that they heard, told by the voice page and other clients that measure it. Over what the agent sent, it has the wait that finds the end of speech, the network, and the start of the sound. Only those turns are in it: compare it with its neighbour, do not add it up.',
  kind: 'lines',
  unit: 's',
  width: 12,
  noValue: 'No client told what was perceived',
  queries: [
    { expr: first(0.5, 'seen'), legend: 'first word seen, p50' },
    { expr: first(0.95, 'seen'), legend: 'first word seen, p95' },
    { expr: first(0.5, 'heard'), legend: 'first sound heard, p50' },
    { expr: first(0.95, 'heard'), legend: 'first sound heard, p95' },
  ],
};

export const stages: Panel = {
  key: 'stages',
  title: 'What a turn’s time goes into',
  help: 'Mean time of each stage; the stages of a turn add up to its duration, so the top of the stack is the mean turn when every stage takes part.',
  kind: 'stacked',
  unit: 's',
  width: 12,
  noValue: 'No turn in the window',
  queries: [
    {
      expr: q.mean('voice_turn_stage_duration_seconds', '$__rate_interval', { by: ['stage'] }),
      legend: '{{stage}}',
    },
  ],
};

/** Seconds. Equals COLLECTOR_SLOW_TRACE_MS in otel-collector.yaml: of faster turns the collector keeps a share only. */
const SLOW_S = 5;

export const outliers: Panel = {
  key: 'outliers',
  title: 'Slow and failing turns',
  help: `Traces of turns that failed or took longer than ${SLOW_S} s; the collector keeps all of those, and a share of the rest. They are those of all agents, whatever is picked above. A row opens its trace.`,
  kind: 'traces',
  unit: 's',
  width: 24,
  noValue: 'No turn was slow or failed, or there is no Tempo: pick one above',
  exempt: 'Traces are Tempo’s, not Prometheus’.',
  queries: [
    {
      // NOTE: no service.name: the picked job has a namespace before it where there is one, and the name of the span is ours.
      expr: `{ name = "voice.turn" && (duration > ${SLOW_S}s || status = error) }`,
      legend: '',
    },
  ],
};
