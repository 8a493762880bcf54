import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { toFile } from 'openai';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';

const RECORDINGS = join(import.meta.dirname, '../../.stack/debian/usr/share/pocketsphinx/test/data/librivox');

export interface Bench {
  sandbox: Sandbox;
  claude: Anthropic;
  openai: OpenAI;
}

/** A sandbox of the test's own with both real SDKs pointed at it, none of them retrying. */
export async function withSandbox(t: TestContext, options: SandboxOptions = {}): Promise<Bench> {
  const sandbox = await startSandbox(options);
  t.after(() => sandbox.stop());
  return {
    sandbox,
    claude: new Anthropic({ apiKey: 'test', baseURL: sandbox.anthropicBaseUrl, maxRetries: 0 }),
    openai: new OpenAI({ apiKey: 'test', baseURL: sandbox.openaiBaseUrl, maxRetries: 0 }),
  };
}

/** A recogniser for tests that are about something else. */
export const deaf = {
  ready: async () => {},
  recognize: async () => ({ text: 'heard', words: [] }),
  close: async () => {},
};

export function ask(text: string) {
  return { model: 'claude-haiku-4-5', max_tokens: 300, messages: [{ role: 'user' as const, content: text }] };
}

export interface Recording {
  name: string;
  transcript: string;
  wav: Buffer;
}

/** The five real recordings with what was really said. */
export function recordings(): Recording[] {
  const lines = readFileSync(join(RECORDINGS, 'transcription'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [, transcript = '', name = ''] = /<s> (.*) <\/s> \((.*)\)/.exec(line) ?? [];
    return { name, transcript, wav: readFileSync(join(RECORDINGS, `${name}.wav`)) };
  });
}

export function wavFile(bytes: Buffer) {
  return toFile(bytes, 'turn.wav', { type: 'audio/wav' });
}

/** Word errors: the least number of words to insert, delete or replace (Levenshtein). */
export function wordErrors(said: string, heard: string): number {
  const a = said.toLowerCase().split(/\s+/);
  const b = heard.toLowerCase().split(/\s+/);
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, word] of a.entries()) {
    const next = [i + 1];
    for (const [j, other] of b.entries()) {
      const replaced = (row[j] ?? 0) + (word === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
