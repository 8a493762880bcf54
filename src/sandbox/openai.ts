import type { Exchange } from './exchange.ts';
import { send, sendJson } from './exchange.ts';
import { decodeAudio, isSilent } from './hearing.ts';
import { openaiModel, openaiModels, SPEECH_MODELS, TRANSCRIPTION_MODELS } from './models.ts';
import { ProviderError } from './provider-error.ts';
import { RECOGNIZER_RATE, type Recognition, type Recognizer } from './recognizer.ts';
import { resample } from './resample.ts';
import { countTokens } from './tokens.ts';
import { VOICES, type Voice } from './voice.ts';
import { bytesOf, encodeWav } from './wav.ts';

type FormDataValue = ReturnType<FormData['get']>;

const MIN_AUDIO_S = 0.1;
const MAX_SPEECH_CHARACTERS = 4096;
/** The provider's rate for `wav` and `pcm`, in samples a second. */
const SPEECH_RATE = 24_000;
/** Audio tokens a second that the token-billed transcription models are charged. */
const AUDIO_TOKENS_PER_S = 10;

/** `POST /v1/audio/transcriptions`: what the recogniser heard, as json, verbose_json or text. */
export async function transcribe(exchange: Exchange, recognizer: Recognizer, ffmpeg: string): Promise<void> {
  const { call, signal } = exchange;
  const form = await parseForm(exchange);
  const model = requireModel(form.get('model'), TRANSCRIPTION_MODELS);
  const format = transcriptFormat(form.get('response_format'), model);
  const language = form.get('language');
  if (language && language !== 'en') {
    throw new ProviderError(400, `The sandbox's recogniser knows English ('en') only, not '${language}'`, {
      param: 'language',
    });
  }
  const file = form.get('file');
  if (!(file instanceof File))
    throw new ProviderError(400, 'The file is required: send it as the form field `file`', { param: 'file' });

  const pcm = await decodeAudio(Buffer.from(await file.arrayBuffer()), ffmpeg, signal);
  const seconds = pcm.length / RECOGNIZER_RATE;
  if (seconds < MIN_AUDIO_S) {
    const message = `Audio file is too short. Minimum audio length is ${MIN_AUDIO_S} seconds.`;
    throw new ProviderError(400, message, { param: 'file', code: 'audio_too_short' });
  }
  call.model = model;
  const heard: Recognition = isSilent(pcm) ? { text: '', words: [] } : await recognizer.recognize(pcm, signal);
  call.billed.audio_seconds += seconds;
  const text = written(heard.text);
  if (format === 'text') return send(exchange, 200, 'text/plain; charset=utf-8', `${text}\n`);
  if (format === 'json') return sendJson(exchange, 200, { text, usage: usage(model, seconds, text) });
  const granularities = form.getAll('timestamp_granularities[]');
  await sendJson(exchange, 200, {
    task: 'transcribe',
    language: 'english',
    duration: seconds,
    text,
    ...(granularities.includes('word') && {
      words: heard.words.map(({ word, startS, endS }) => ({ word, start: startS, end: endS })),
    }),
    segments: segmentsOf(heard, text),
    usage: usage(model, seconds, text),
  });
}

/** `POST /v1/audio/speech`: the text spoken, as 24 kHz wav or pcm. */
export async function speak(exchange: Exchange, voice: Voice): Promise<void> {
  const { call, signal } = exchange;
  const { input, model, voice: name, response_format: format = 'mp3', speed = 1 } = parseJson(exchange.body);
  requireModel(model, SPEECH_MODELS);
  if (typeof input !== 'string' || input === '')
    throw new ProviderError(400, 'input: a text is required', { param: 'input' });
  if (input.length > MAX_SPEECH_CHARACTERS) {
    const message = `input: the text has ${input.length} characters, at most ${MAX_SPEECH_CHARACTERS} can be spoken at once`;
    throw new ProviderError(400, message, { param: 'input', code: 'string_above_max_length' });
  }
  if (typeof name !== 'string' || !(name in VOICES)) {
    throw new ProviderError(400, `voice: '${name}' is none of ${Object.keys(VOICES).join(', ')}`, { param: 'voice' });
  }
  if (typeof speed !== 'number' || !(speed >= 0.25 && speed <= 4)) {
    throw new ProviderError(400, 'speed: must be 0.25 to 4', { param: 'speed' });
  }
  if (format !== 'wav' && format !== 'pcm') {
    const message = `response_format: the sandbox speaks 'wav' and 'pcm', not '${format}'; ask for one of the two`;
    throw new ProviderError(400, message, { param: 'response_format' });
  }
  const pcm = resample(await voice.speak(input, name, speed, signal), SPEECH_RATE);
  call.model = model as string;
  call.billed.characters += input.length;
  call.billed.audio_seconds += pcm.samples.length / SPEECH_RATE;
  const wav = format === 'wav';
  await send(exchange, 200, wav ? 'audio/wav' : 'audio/pcm', wav ? encodeWav(pcm) : bytesOf(pcm.samples));
}

/** `GET /v1/models` and `GET /v1/models/{id}`, as OpenAI answers them. */
export async function listSpeechModels(exchange: Exchange, id: string | undefined): Promise<void> {
  if (id) requireModel(id, [...TRANSCRIPTION_MODELS, ...SPEECH_MODELS]);
  await sendJson(exchange, 200, id ? openaiModel(id) : openaiModels());
}

/** Writes what was heard as a person would, as far as that is known: a capital first letter and "I", no punctuation. */
function written(heard: string): string {
  const text = heard.trim().replace(/\bi(?=$|[\s'])/g, 'I');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** whisper-1 is billed by started seconds, the later models by tokens. */
function usage(model: string, seconds: number, text: string): object {
  if (model === 'whisper-1') return { type: 'duration', seconds: Math.ceil(seconds) };
  const input = Math.ceil(seconds * AUDIO_TOKENS_PER_S);
  const output = text ? countTokens(text) : 0;
  const details = { text_tokens: 0, audio_tokens: input };
  return {
    type: 'tokens',
    input_tokens: input,
    input_token_details: details,
    output_tokens: output,
    total_tokens: input + output,
  };
}

function segmentsOf({ words }: Recognition, text: string): object[] {
  const [first, last] = [words[0], words.at(-1)];
  if (!first || !last) return [];
  const logprobs = words.map(({ probability }) => Math.log(Math.max(probability, 1e-9)));
  return [
    {
      id: 0,
      seek: 0,
      start: first.startS,
      end: last.endS,
      text: ` ${text}`,
      tokens: [],
      temperature: 0,
      avg_logprob: logprobs.reduce((sum, value) => sum + value, 0) / logprobs.length,
      compression_ratio: 1,
      no_speech_prob: 0,
    },
  ];
}

function transcriptFormat(value: FormDataValue, model: string): string {
  const format = value ?? 'json';
  const known = model === 'whisper-1' ? ['json', 'verbose_json', 'text'] : ['json', 'text'];
  if (typeof format === 'string' && known.includes(format)) return format;
  const message = `response_format '${format}' is not compatible with model '${model}' here. Use ${known.map((name) => `'${name}'`).join(' or ')} instead.`;
  throw new ProviderError(400, message, { param: 'response_format', code: 'unsupported_value' });
}

function requireModel(model: unknown, known: string[]): string {
  if (typeof model === 'string' && known.includes(model)) return model;
  if (!model) throw new ProviderError(400, 'you must provide a model parameter', { param: 'model' });
  const message = `The model \`${model}\` does not exist or you do not have access to it.`;
  throw new ProviderError(404, message, { param: 'model', code: 'model_not_found' });
}

async function parseForm({ body, req }: Exchange): Promise<FormData> {
  try {
    const headers = { 'content-type': req.headers['content-type'] ?? '' };
    return await new Response(new Uint8Array(body), { headers }).formData();
  } catch {
    throw new ProviderError(400, 'The request body is not valid multipart/form-data');
  }
}

function parseJson(body: Buffer): Record<string, unknown> {
  try {
    const json = JSON.parse(body.toString());
    if (typeof json === 'object' && json !== null) return json;
  } catch {
    throw new ProviderError(400, 'We could not parse the JSON body of your request.');
  }
  throw new ProviderError(400, 'The JSON body of your request must be an object.');
}
