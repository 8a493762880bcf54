import { AUDIO_FORMATS, PROVIDERS } from '../../conversation/ports.ts';
import { ERROR_KINDS } from '../../errors.ts';
import { bounded, counter, gauge, histogram } from './define.ts';

const MODELS = bounded(16);
const CALL_STATUSES = ['success', 'error'] as const;

/** What a query does and to which table; statements of another kind (begin, pragma, schema) are `other`. */
export const QUERY_OPERATIONS = ['select', 'insert', 'update', 'delete', 'other'] as const;
export const QUERY_TABLES = ['captures', 'captures_fts', 'sessions', 'costs', 'other'] as const;

export const DEPENDENCIES = ['database', 'redis', 'claude', 'whisper'] as const;

/** Claude, Whisper, speech, cost, database, cache. */
export const dependencies = {
  claude_api_calls_total: counter({
    help: 'Replies asked of Claude, by the model that was asked for; one a turn, retries included in it.',
    unit: '{call}',
    labels: { model: MODELS, status: CALL_STATUSES },
  }),
  claude_api_duration_seconds: histogram({
    help: 'Time from asking Claude to the end of its reply.',
    unit: 's',
    labels: { model: MODELS },
    buckets: [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10],
  }),
  claude_api_tokens_total: counter({
    help: 'Tokens as Claude bills them; the output of a broken stream is an estimate.',
    unit: '{token}',
    labels: { model: MODELS, type: ['input', 'output', 'cache_read', 'cache_write'] },
  }),
  whisper_api_calls_total: counter({
    help: 'Transcriptions asked of Whisper, retries included in one.',
    unit: '{call}',
    labels: { status: CALL_STATUSES },
  }),
  whisper_api_duration_seconds: histogram({
    help: 'Time that a transcription took.',
    unit: 's',
    buckets: [0.1, 0.25, 0.5, 0.75, 1, 2, 3, 5, 10],
  }),
  audio_processing_duration_seconds: histogram({
    help: 'Time spent on audio: identify (container, length), transcribe, synthesize (one sentence).',
    unit: 's',
    labels: { operation: ['identify', 'transcribe', 'synthesize'] },
    buckets: [0.1, 0.25, 0.5, 0.75, 1, 2, 3, 5],
  }),
  audio_size_bytes: histogram({
    help: 'Size of the audio that learners sent, by container.',
    unit: 'By',
    labels: { format: AUDIO_FORMATS },
    buckets: [1e3, 1e4, 5e4, 1e5, 5e5, 1e6, 5e6, 1e7],
  }),
  api_errors_total: counter({
    help: 'Provider calls that failed after their retries, by kind.',
    unit: '{error}',
    labels: { provider: PROVIDERS, error_type: ERROR_KINDS },
  }),
  api_cost_total: counter({
    help: 'Money spent at the providers in USD, by the price table.',
    unit: '',
    labels: { provider: PROVIDERS },
  }),
  api_cost_unpriced_total: counter({
    help: 'Provider calls whose model the price table does not know: their cost is missing from api_cost_total.',
    unit: '{call}',
    labels: { provider: PROVIDERS },
  }),
  budget_spent_ratio: gauge({
    help: 'Share of a budget that is spent; for sessions, of the active session that spent most.',
    unit: '1',
    labels: { budget: ['session', 'month'] },
  }),
  database_queries_total: counter({
    help: 'SQL statements, by what they do and to which table.',
    unit: '{query}',
    labels: { operation: QUERY_OPERATIONS, table: QUERY_TABLES, status: CALL_STATUSES },
    zero: (
      [
        ['insert', 'captures'],
        ['select', 'captures'],
        ['insert', 'sessions'],
        ['select', 'sessions'],
        ['update', 'sessions'],
        ['delete', 'sessions'],
        ['insert', 'costs'],
        ['select', 'costs'],
        ['select', 'other'],
        ['other', 'other'],
      ] as const
    ).flatMap(([operation, table]) => CALL_STATUSES.map((status) => ({ operation, table, status }))),
  }),
  database_query_duration_seconds: histogram({
    help: 'Time that SQL statements took, the wait for a connection not included.',
    unit: 's',
    labels: { operation: QUERY_OPERATIONS, table: QUERY_TABLES },
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  }),
  database_connections_active: gauge({
    help: 'Database connections that the pool has given out now.',
    unit: '{connection}',
  }),
  cache_operations_total: counter({
    help: 'Operations on the context cache; hit and miss are those of get.',
    unit: '{operation}',
    labels: { operation: ['get', 'set', 'delete'], status: ['hit', 'miss', 'success', 'error'] },
    zero: [
      { operation: 'get', status: 'hit' },
      { operation: 'get', status: 'miss' },
      { operation: 'get', status: 'error' },
      { operation: 'set', status: 'success' },
      { operation: 'set', status: 'error' },
      { operation: 'delete', status: 'success' },
      { operation: 'delete', status: 'error' },
    ],
  }),
  cache_hit_ratio: gauge({
    help: 'Share of the look-ups of the last 5 minutes that hit; no sample while there were none.',
    unit: '1',
  }),
  dependency_up: gauge({
    help: '1 when the last check of a dependency was good, 0 when it failed; no sample before the first check or when not configured.',
    unit: '',
    labels: { dependency: DEPENDENCIES },
  }),
};
