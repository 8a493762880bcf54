import { join } from 'node:path';
import { createClaude } from '../../src/adapters/claude.ts';
import { createMemoryCache } from '../../src/adapters/memory-cache.ts';
import { createSpeech } from '../../src/adapters/speech.ts';
import { createSqlStore } from '../../src/adapters/sql-store.ts';
import { createWhisper } from '../../src/adapters/whisper.ts';
import { createBudget } from '../../src/conversation/budget.ts';
import { createContext } from '../../src/conversation/context.ts';
import type { TurnListener } from '../../src/conversation/conversation.ts';
import { createConversation } from '../../src/conversation/create-conversation.ts';
import type { ContextCache } from '../../src/conversation/ports.ts';
import { createPriceTable, loadPrices } from '../../src/conversation/pricing.ts';
import { createSessions } from '../../src/conversation/sessions.ts';
import { createTurn } from '../../src/conversation/turn.ts';
import type { TurnFacts } from '../../src/conversation/watchers.ts';
import type { AppError } from '../../src/errors.ts';
import { type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';
import { temporaryDir } from './temporary-dir.ts';

/** A recogniser for tests that are about something else; what it hears can be changed. */
export const ears = { hears: 'what is recursion' };

type Settings = {
  sandbox?: SandboxOptions;
  sessionUsd?: number;
  monthUsd?: number;
  activeS?: number;
  turnTimeoutS?: number;
  model?: string;
  now?: () => number;
  cache?: ContextCache;
  dir?: string;
};

/** The whole domain over real parts: SQLite in a file, the real SDKs against the sandbox. It tells what its watchers heard. */
export async function startDomain(settings: Settings = {}) {
  const stack = new AsyncDisposableStack();
  const dir = settings.dir ?? stack.use(await temporaryDir()).path;
  const sandbox = await startSandbox({
    recognizer: {
      ready: async () => {},
      recognize: async () => ({ text: ears.hears, words: [] }),
      close: async () => {},
    },
    voice: { speak: async () => ({ samples: new Int16Array(1_600), rate: 16_000 }), close: async () => {} },
    ...settings.sandbox,
  });
  stack.defer(() => sandbox.stop());
  const store = await createSqlStore({ url: `sqlite:${join(dir, 'agent.db')}` });
  stack.defer(() => store.close());
  const cache = settings.cache ?? (await createMemoryCache({ ttlS: 1800, maxSessions: 100 }));
  const facts: TurnFacts[] = [];
  const errors: AppError[] = [];
  const presences: (number | 'created')[] = [];
  const reporter = { report: (error: AppError) => void errors.push(error) };
  const provider = { apiKey: 'test', timeoutMs: 2_000, retries: 0 };
  const openai = { ...provider, baseUrl: sandbox.openaiBaseUrl };
  const budget = createBudget({ store, sessionUsd: settings.sessionUsd ?? 0, monthUsd: settings.monthUsd ?? 0 });
  await budget.start();
  const sessions = createSessions({
    store,
    watcher: { created: () => presences.push('created'), over: (seconds) => presences.push(seconds) },
    reporter,
    activeS: settings.activeS ?? 180,
    ...(settings.now && { now: settings.now }),
  });
  stack.defer(() => sessions.stop());
  const context = createContext({ cache, store, reporter });
  const turn = createTurn({
    transcriber: createWhisper({ ...openai, model: 'whisper-1' }),
    responder: createClaude({
      ...provider,
      baseUrl: sandbox.anthropicBaseUrl,
      model: settings.model ?? 'claude-haiku-4-5',
      maxTokens: 300,
    }),
    synthesizer: createSpeech({ ...openai, model: 'tts-1', voice: 'alloy' }),
    context,
    store,
    budget,
    prices: createPriceTable(loadPrices()),
    watcher: {
      around: (_turn, body) => body(),
      stage: (_stage, body) => body(),
      ended: (told) => facts.push(told),
    },
    reporter,
    maxAudioS: 60,
  });
  const conversation = createConversation({
    sessions,
    context,
    store,
    budget,
    turn,
    turnTimeoutS: settings.turnTimeoutS ?? 30,
  });
  return {
    sandbox,
    store,
    cache,
    budget,
    sessions,
    conversation,
    facts,
    errors,
    presences,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
export type Domain = Awaited<ReturnType<typeof startDomain>>;

let turns = 0;

/** A typed turn's input. */
export const typed = (text: string, speak = false) => ({
  turnId: `turn-${++turns}`,
  receivedAt: performance.now(),
  speak,
  text,
});

/** A listener that keeps what it heard, in order. */
export function listening() {
  const heard: string[] = [];
  const sounds: { bytes: number; seq: number; last: boolean }[] = [];
  const listener: TurnListener = {
    transcript: (text) => heard.push(`transcript ${text}`),
    delta: (text) => heard.push(text),
    speech: (audio, seq, last) => sounds.push({ bytes: audio.byteLength, seq, last }),
  };
  return { heard, sounds, listener };
}

/** A signal that nobody aborts. */
export const patient = (): AbortSignal => new AbortController().signal;
