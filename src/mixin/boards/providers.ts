import { recorded } from '../rules/recordings.ts';
import { anyOf, levelOf, type Panel, perMinute, q, recordedAs } from './board.ts';

const W = '$__rate_interval';
const NO_AGENT = 'No agent is known yet';
const NO_CALL = 'No call in the window';
const VERDICTS = { success: 'green', error: 'red' };

export const claude: readonly Panel[] = [
  {
    key: 'claude-rate',
    title: 'Calls to Claude',
    help: 'Replies asked of Claude a minute, by model and by how they ended; retries are part of one call.',
    kind: 'stacked',
    unit: 'suffix:/min',
    width: 8,
    noValue: NO_AGENT,
    colours: { '/ success$/': 'green', '/ error$/': 'red' },
    queries: [
      {
        expr: perMinute(q.rate('claude_api_calls_total', W, { by: ['model', 'status'] })),
        legend: '{{model}} {{status}}',
      },
    ],
  },
  {
    key: 'claude-duration',
    title: 'Claude: time to the whole reply, p95',
    help: '95th percentile from asking to the end of the reply, by model, and the median of all.',
    kind: 'lines',
    unit: 's',
    width: 8,
    noValue: NO_CALL,
    queries: [
      { expr: q.quantile(0.95, 'claude_api_duration_seconds', W, { by: ['model'] }), legend: '{{model}}, p95' },
      { expr: q.quantile(0.5, 'claude_api_duration_seconds', W), legend: 'all, p50' },
    ],
  },
  {
    key: 'claude-failed',
    title: 'Claude: share of failed calls',
    help: 'Share of the calls that failed after their retries, by model. Each is a turn without an answer.',
    kind: 'lines',
    unit: 'percentunit',
    width: 8,
    noValue: NO_CALL,
    alerts: ['ClaudeAPIFailures'],
    thresholds: [levelOf('ClaudeAPIFailures')],
    queries: [{ expr: recordedAs(recorded.claudeFailed), legend: '{{model}}' }],
  },
  {
    key: 'claude-first-chunk',
    title: 'Claude: time to the first words, p95',
    help: '95th percentile from asking to the first chunk of the stream, by model: the part that a learner waits for.',
    kind: 'lines',
    unit: 's',
    width: 8,
    noValue: NO_CALL,
    queries: [
      {
        expr: q.quantile(0.95, 'gen_ai.client.operation.time_to_first_chunk', W, { by: ['gen_ai.request.model'] }),
        legend: '{{gen_ai_request_model}}',
      },
    ],
  },
  {
    key: 'claude-tokens',
    title: 'Tokens',
    help: 'Tokens a minute as Claude bills them, by type; cached reads are the cheap ones.',
    kind: 'stacked',
    unit: 'suffix:/min',
    width: 8,
    noValue: NO_AGENT,
    queries: [{ expr: perMinute(q.rate('claude_api_tokens_total', W, { by: ['type'] })), legend: '{{type}}' }],
  },
  {
    key: 'provider-errors',
    title: 'Provider errors by kind',
    help: 'Calls a minute that failed after their retries, by provider and kind: rate_limited and timeout pass, unauthorized does not.',
    kind: 'stacked',
    unit: 'suffix:/min',
    width: 8,
    noValue: NO_AGENT,
    queries: [
      {
        expr: `${perMinute(q.rate('api_errors_total', W, { by: ['provider', 'error_type'] }))} > 0`,
        legend: '{{provider}} {{error_type}}',
      },
    ],
  },
];

export const voice: readonly Panel[] = [
  {
    key: 'whisper-rate',
    title: 'Transcriptions',
    help: 'Transcriptions asked of Whisper a minute, by how they ended.',
    kind: 'stacked',
    unit: 'suffix:/min',
    width: 8,
    noValue: NO_AGENT,
    colours: VERDICTS,
    queries: [{ expr: perMinute(q.rate('whisper_api_calls_total', W, { by: ['status'] })), legend: '{{status}}' }],
  },
  {
    key: 'whisper-duration',
    title: 'Whisper: time of a transcription',
    help: 'Median and 95th percentile. Longer recordings take longer.',
    kind: 'lines',
    unit: 's',
    width: 8,
    noValue: NO_CALL,
    queries: [
      { expr: q.quantile(0.5, 'whisper_api_duration_seconds', W), legend: 'p50' },
      { expr: q.quantile(0.95, 'whisper_api_duration_seconds', W), legend: 'p95' },
    ],
  },
  {
    key: 'whisper-failed',
    title: 'Whisper: share of failed calls',
    help: 'Share of the transcriptions that failed after their retries: those learners were not understood.',
    kind: 'lines',
    unit: 'percentunit',
    width: 8,
    noValue: NO_CALL,
    alerts: ['WhisperAPIFailures'],
    thresholds: [levelOf('WhisperAPIFailures')],
    queries: [{ expr: recordedAs(recorded.whisperFailed), legend: '{{job}}' }],
  },
  {
    key: 'audio-time',
    title: 'Work on audio, p95',
    help: '95th percentile of each step: identify a recording, transcribe it, speak one sentence.',
    kind: 'lines',
    unit: 's',
    width: 8,
    noValue: 'No audio in the window',
    queries: [
      {
        expr: q.quantile(0.95, 'audio_processing_duration_seconds', W, { by: ['operation'] }),
        legend: '{{operation}}',
      },
    ],
  },
  {
    key: 'audio-size',
    title: 'Size of recordings',
    help: 'Mean size of what learners sent, by container; 25 MiB are refused.',
    kind: 'lines',
    unit: 'bytes',
    width: 8,
    noValue: 'No audio in the window',
    queries: [{ expr: q.mean('audio_size_bytes', W, { by: ['format'] }), legend: '{{format}}' }],
  },
  {
    key: 'provider-http',
    title: 'HTTP calls to the providers, p95',
    help: '95th percentile of single HTTP calls by host, retries each on their own.',
    kind: 'lines',
    unit: 's',
    width: 8,
    noValue: NO_CALL,
    queries: [
      {
        expr: q.quantile(0.95, 'http_client_request_duration_seconds', W, { by: ['server_address'] }),
        legend: '{{server_address}}',
      },
    ],
  },
];

export const unpriced: Panel = {
  key: 'unpriced',
  title: 'Calls without a price',
  help: 'Calls of the last 24 hours whose model is not in the price table: their cost is missing everywhere.',
  kind: 'number',
  unit: 'short',
  width: 4,
  noValue: NO_AGENT,
  alerts: ['UnpricedModel'],
  thresholds: [anyOf('warning')],
  queries: [
    { expr: `round(${q.increase('api_cost_unpriced_total', '24h', { by: ['provider'] })})`, legend: '{{provider}}' },
  ],
};
