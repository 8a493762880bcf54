import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Recognizer } from '../src/sandbox/recognizer.ts';
import { startSandbox } from '../src/sandbox/server.ts';
import type { Voice } from '../src/sandbox/voice.ts';
import { lastMark, MARK_BYTES } from './marks.ts';

/** What this process tells the one that forked it: first its address, then, each time it is asked, what it served since. */
export type ProvidersMessage = { url: string } | { served: ServedCall[] };

/** One provider call: the turn that it was made for, and the milliseconds it took. */
export type ServedCall = readonly [mark: number, ms: number];

/** Hears at once: the mark at the head of the sound, in a sentence that the tutor answers in 25 tokens. */
const recognizer: Recognizer = {
  ready: async () => {},
  recognize: async (pcm) => {
    const mark = Buffer.from(pcm.buffer, pcm.byteOffset, MARK_BYTES).toString('latin1');
    return { text: `wow I love leaf things like photosynthesis ${mark}`, words: [] };
  },
  close: async () => {},
};

const voice: Voice = {
  speak: async () => ({ samples: new Int16Array(24_000), rate: 24_000 }),
  close: async () => {},
};

let served: ServedCall[] = [];

// A call lasts from the last byte of its request to the last byte of its answer, as this process reads and writes them.
subscribe('http.server.request.start', (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
  const body: Buffer[] = [];
  request.on('data', (chunk: Buffer) => body.push(chunk));
  request.once('end', () => {
    const start = performance.now();
    const mark = lastMark(Buffer.concat(body));
    if (mark !== undefined) response.once('finish', () => served.push([mark, performance.now() - start]));
  });
});

const sandbox = await startSandbox({ recognizer, voice });
const tell = (message: ProvidersMessage) => process.send?.(message);
process.on('message', () => {
  tell({ served });
  served = [];
});
process.on('disconnect', () => process.exit());
tell({ url: sandbox.anthropicBaseUrl });
