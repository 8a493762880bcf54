import { OpenAI, toFile } from 'openai';
import type { Speech, Transcriber } from '../conversation/ports.ts';
import type { Logger } from '../log.ts';
import { type CallPolicy, callProvider, PROBE_TIMEOUT_MS } from './attempts.ts';
import { BrokenOff } from './provider-errors.ts';

export type WhisperOptions = {
  apiKey: string;
  /** With its `/v1`; the SDK's own, the live API, when absent. */
  baseUrl?: string | undefined;
  model: string;
  timeoutMs: number;
  retries: number;
  log?: Logger | undefined;
};

/** Whisper over OpenAI's audio.transcriptions. The upload is held in memory, so that it can be sent again. */
export function createWhisper({ apiKey, baseUrl, model, timeoutMs, retries, log }: WhisperOptions): Transcriber {
  const policy: CallPolicy = { component: 'whisper', timeoutMs, retries, log };
  const client = new OpenAI({ apiKey, baseURL: baseUrl, timeout: timeoutMs, maxRetries: 0, logLevel: 'off' });

  return {
    model,
    async transcribe(speech: Speech, signal: AbortSignal) {
      // NOTE: the service goes by the file name's extension.
      const file = await toFile(speech.bytes, `speech.${speech.format}`);
      return callProvider(policy, signal, async (signal) => {
        // NOTE: only whisper-1 answers in verbose_json, which has the length; the others bill by it and say so in `usage`.
        const format = model === 'whisper-1' ? 'verbose_json' : 'json';
        const answer = await client.audio.transcriptions.create({ model, file, response_format: format }, { signal });
        if (typeof answer.text !== 'string') throw new BrokenOff('no text');
        // NOTE: `duration` is the audio's real length; `usage.seconds` is that, rounded up.
        const duration = 'duration' in answer ? answer.duration : undefined;
        const billed = answer.usage && 'seconds' in answer.usage ? answer.usage.seconds : undefined;
        const length = Number(duration ?? billed ?? speech.seconds);
        const seconds = Number.isFinite(length) ? length : undefined;
        return { text: answer.text.trim(), seconds };
      });
    },
    async probe(signal) {
      const once = { ...policy, retries: 0, timeoutMs: Math.min(timeoutMs, PROBE_TIMEOUT_MS) };
      await callProvider(once, signal, async (signal) => client.models.list({ signal }));
    },
  };
}
