import { countMessageTokens, createMessage, listChatModels } from './anthropic.ts';
import type { Exchange } from './exchange.ts';
import type { Endpoint } from './faults.ts';
import { listSpeechModels, speak, transcribe } from './openai.ts';
import type { PromptCache } from './prompt-cache.ts';
import type { Provider } from './provider-error.ts';
import type { Recognizer } from './recognizer.ts';
import type { Voice } from './voice.ts';

/** What the endpoints work with. */
export interface Parts {
  recognizer: Recognizer;
  voice: Voice;
  promptCache: PromptCache;
  ffmpeg: string;
}

/** An endpoint of a provider: what it is counted as, how much it takes, and what answers it. */
export interface Route {
  endpoint: Endpoint;
  provider: Provider;
  limitBytes: number;
  handle(exchange: Exchange, parts: Parts): Promise<void>;
}

const MIB = 2 ** 20;
const MODEL_PATH = /^\/v1\/models(?:\/([^/]+))?$/;

const POSTS: Record<string, Route> = {
  '/v1/messages': {
    endpoint: 'messages',
    provider: 'anthropic',
    limitBytes: 32 * MIB,
    handle: (exchange, { promptCache }) => createMessage(exchange, promptCache),
  },
  '/v1/messages/count_tokens': {
    endpoint: 'count_tokens',
    provider: 'anthropic',
    limitBytes: 32 * MIB,
    handle: countMessageTokens,
  },
  '/v1/audio/transcriptions': {
    endpoint: 'transcriptions',
    provider: 'openai',
    limitBytes: 25 * MIB,
    handle: (exchange, { recognizer, ffmpeg }) => transcribe(exchange, recognizer, ffmpeg),
  },
  '/v1/audio/speech': {
    endpoint: 'speech',
    provider: 'openai',
    limitBytes: MIB,
    handle: (exchange, { voice }) => speak(exchange, voice),
  },
};

/** The route of a request, or undefined. Both SDKs ask `/v1/models`; their headers tell whose list is meant. */
export function findRoute(method: string, path: string, provider: Provider): Route | undefined {
  if (method === 'POST') return Object.hasOwn(POSTS, path) ? POSTS[path] : undefined;
  const [found, id] = MODEL_PATH.exec(path) ?? [];
  if (method !== 'GET' || !found) return undefined;
  const list = provider === 'anthropic' ? listChatModels : listSpeechModels;
  return {
    endpoint: 'models',
    provider,
    limitBytes: 0,
    handle: (exchange) => list(exchange, id && decodeURIComponent(id)),
  };
}
