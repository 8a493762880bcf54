const DAY_S = 86_400;

/** The chat models that the sandbox answers for, newest first; every one of them is the same tutor. */
export const CHAT_MODELS = [
  'claude-haiku-5-5',
  'claude-sonnet-5-5',
  'claude-opus-5-5',
  'claude-sonnet-5',
  'claude-opus-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-opus-4-6',
  'claude-sonnet-4-6',
  'claude-opus-4-5',
  'claude-haiku-4-5',
  'claude-haiku-4-5-20251001',
  'claude-sonnet-4-5',
  'claude-sonnet-4-5-20250929',
];
export const TRANSCRIPTION_MODELS = ['whisper-1', 'gpt-transcribe', 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe'];
export const SPEECH_MODELS = ['gpt-4o-mini-tts', 'tts-1', 'tts-1-hd'];

/** A chat model as Anthropic lists it. */
export function anthropicModel(id: string): object {
  const name = id
    .replace(/-\d{8}$/, '')
    .replace(/(\d)-(\d)/, '$1.$2')
    .replaceAll('-', ' ');
  return {
    type: 'model',
    id,
    display_name: `${name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())} (sandbox)`,
    created_at: new Date(Date.UTC(2026, 0, 1) - CHAT_MODELS.indexOf(id) * DAY_S * 1000).toISOString(),
    max_input_tokens: 200_000,
    max_tokens: 64_000,
    capabilities: null,
    lifecycle: 'active',
    line: null,
    deprecated_at: null,
    retires_at: null,
  };
}

/** A page of Anthropic's list, by its own cursors. */
export function anthropicModels(query: URLSearchParams): object {
  const limit = Math.min(Math.max(Number(query.get('limit')) || 20, 1), 1000);
  const after = CHAT_MODELS.indexOf(query.get('after_id') ?? '');
  const page = CHAT_MODELS.slice(after + 1, after + 1 + limit);
  return {
    data: page.map(anthropicModel),
    has_more: after + 1 + limit < CHAT_MODELS.length,
    first_id: page[0] ?? null,
    last_id: page.at(-1) ?? null,
  };
}

/** A speech model as OpenAI lists it. */
export function openaiModel(id: string): object {
  return { id, object: 'model', created: Date.UTC(2026, 0, 1) / 1000, owned_by: 'sandbox' };
}

export function openaiModels(): object {
  return { object: 'list', data: [...TRANSCRIPTION_MODELS, ...SPEECH_MODELS].map(openaiModel) };
}
