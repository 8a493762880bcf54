import { bounded, counter, gauge, histogram, optional } from './define.ts';

const GEN_AI = {
  'gen_ai.operation.name': ['chat', 'transcription', 'speech'],
  'gen_ai.provider.name': ['anthropic', 'openai'],
  'gen_ai.request.model': bounded(16),
} as const;

/** The agent about itself, and the OpenTelemetry names that others expect. */
export const itself = {
  process_uptime_seconds: gauge({
    help: 'Seconds since the agent started: the heartbeat, it changes with every push. 0 is the last word of one that was stopped.',
    unit: 's',
  }),
  agent_build_info: gauge({ help: 'Always 1; its labels say what runs.', unit: '', labels: { version: bounded(1) } }),
  telemetry_dropped_points_total: counter({
    help: 'Points that were kept from the collector because they would have spoilt a whole batch or a series.',
    unit: '{point}',
    labels: { reason: ['not_finite', 'negative', 'bad_attribute', 'label_overflow'] },
  }),
  telemetry_self_check: gauge({
    help: '1 when a patch or path of the telemetry was seen to work in this process, 0 when it was not.',
    unit: '',
    labels: { check: ['http', 'express', 'socket_io', 'knex', 'redis', 'undici', 'pino', 'export'] },
  }),
  // https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/ gives names and buckets.
  'gen_ai.client.operation.duration': histogram({
    help: 'GenAI operation duration.',
    unit: 's',
    labels: { ...GEN_AI, 'error.type': optional(16) },
    buckets: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  }),
  'gen_ai.client.token.usage': histogram({
    help: 'Number of input and output tokens used.',
    unit: '{token}',
    labels: { ...GEN_AI, 'gen_ai.token.type': ['input', 'output'] },
    buckets: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576],
  }),
  'gen_ai.client.operation.time_to_first_chunk': histogram({
    help: 'Time from asking to the first chunk of a streamed answer.',
    unit: 's',
    labels: GEN_AI,
    buckets: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  }),
};
