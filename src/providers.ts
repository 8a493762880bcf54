import { createClaude } from './adapters/claude.ts';
import { createSpeech } from './adapters/speech.ts';
import { createWhisper } from './adapters/whisper.ts';
import type { Closing } from './closing.ts';
import type { Config } from './config.ts';
import type { Responder, Synthesizer, Transcriber } from './conversation/ports.ts';
import type { Logger } from './log.ts';
import { spawnSandbox } from './sandbox/spawn.ts';
import type { Telemetry } from './telemetry/sdk.ts';
import { watchResponder, watchSynthesizer, watchTranscriber } from './telemetry/watch/providers.ts';

export type Providers = { transcriber: Transcriber; responder: Responder; synthesizer: Synthesizer };

/** Part of the composition root: Whisper, Claude and speech, each watched; over the sandbox, which is started here where none runs. */
export async function startProviders(
  config: Config,
  telemetry: Telemetry,
  closing: Closing,
  log: Logger,
): Promise<Providers> {
  const sandbox = await sandboxUrl(config, closing, log);
  const policy = { timeoutMs: config.PROVIDER_TIMEOUT_S * 1000, retries: config.PROVIDER_RETRIES, log };
  const openai = { ...policy, apiKey: config.OPENAI_API_KEY ?? 'sandbox', baseUrl: sandbox && `${sandbox}/v1` };
  const anthropic = { ...policy, apiKey: config.ANTHROPIC_API_KEY ?? 'sandbox', baseUrl: sandbox };
  const whisper = createWhisper({ ...openai, model: config.WHISPER_MODEL });
  const speech = createSpeech({ ...openai, model: config.SPEECH_MODEL, voice: config.SPEECH_VOICE });
  const claude = createClaude({
    ...anthropic,
    model: config.CLAUDE_MODEL,
    maxTokens: config.CLAUDE_MAX_TOKENS,
    temperature: config.CLAUDE_TEMPERATURE,
  });
  return {
    transcriber: watchTranscriber(whisper, telemetry),
    responder: watchResponder(claude, telemetry),
    synthesizer: watchSynthesizer(speech, telemetry),
  };
}

/** Where the providers' stand-in is; `undefined` means the providers themselves. */
async function sandboxUrl(config: Config, closing: Closing, log: Logger): Promise<string | undefined> {
  if (config.PROVIDERS === 'live') return undefined;
  if (config.SANDBOX_URL) {
    const url = config.SANDBOX_URL.replace(/\/+$/, '');
    await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() =>
      log.warn({ url }, 'no sandbox answers there yet; start one with: npm run sandbox'),
    );
    return url;
  }
  const sandbox = await spawnSandbox((code) =>
    log.error({ code }, 'the sandbox ended; restart the agent to have one again'),
  );
  closing.push('sandbox', () => sandbox.stop());
  return sandbox.url;
}
