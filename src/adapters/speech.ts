import { OpenAI } from 'openai';
import type { Synthesizer } from '../conversation/ports.ts';
import type { Logger } from '../log.ts';
import { type CallPolicy, callProvider } from './attempts.ts';
import { BrokenOff } from './provider-errors.ts';

export type SpeechOptions = {
  apiKey: string;
  /** With its `/v1`; the SDK's own, the live API, when absent. */
  baseUrl?: string | undefined;
  model: string;
  voice: string;
  timeoutMs: number;
  retries: number;
  log?: Logger | undefined;
};

/** OpenAI's audio.speech, one sentence a call, as WAV. `timeoutMs` covers the whole call, the sound included. */
export function createSpeech({ apiKey, baseUrl, model, voice, timeoutMs, retries, log }: SpeechOptions): Synthesizer {
  const policy: CallPolicy = { component: 'speech', timeoutMs, retries, log };
  const client = new OpenAI({ apiKey, baseURL: baseUrl, timeout: timeoutMs, maxRetries: 0, logLevel: 'off' });

  return {
    model,
    synthesize(text, signal) {
      return callProvider(policy, signal, async (signal) => {
        const response = await client.audio.speech.create(
          { model, voice, input: text, response_format: 'wav' },
          { signal },
        );
        const bytes = Buffer.from(await response.arrayBuffer());
        return { bytes: withTrueSizes(bytes), format: 'wav' as const };
      });
    },
  };
}

/**
 * Writes the real sizes into a WAV header, in place. The live service streams, so it leaves 0xFFFFFFFF there, which players
 * take for a day of sound. Layout: http://soundfile.sapp.org/doc/WaveFormat/
 */
export function withTrueSizes(wav: Buffer): Buffer {
  if (wav.toString('latin1', 0, 4) !== 'RIFF' || wav.toString('latin1', 8, 12) !== 'WAVE')
    throw new BrokenOff('no WAV');
  for (let at = 12; at + 8 <= wav.length; ) {
    const size = wav.readUInt32LE(at + 4);
    const rest = wav.length - at - 8;
    if (wav.toString('latin1', at, at + 4) === 'data') {
      if (size <= rest) return wav;
      wav.writeUInt32LE(rest, at + 4);
      wav.writeUInt32LE(wav.length - 8, 4);
      return wav;
    }
    at += 8 + size + (size & 1);
  }
  throw new BrokenOff('no sound in the WAV');
}
