import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the agent's page is served with. */
const CSP =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'";

const PAGE = `<!doctype html><html lang="en"><title>A page</title><link rel="icon" href="/icon.svg">
<main><h1>A page</h1></main>`;

const WORKLET = `registerProcessor('recorder', class extends AudioWorkletProcessor {
  process([[samples]]) { if (samples) this.port.postMessage(samples.slice()); return true; }
});`;

/** A page with nothing on it, on loopback, under the agent's CSP. */
export async function site() {
  const files: Record<string, [type: string, body: string]> = {
    '/': ['text/html', PAGE],
    '/icon.svg': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    '/recorder.js': ['text/javascript', WORKLET],
  };
  const server = createServer(({ url = '' }, res) => {
    const [type, body] = files[url] ?? [];
    res.writeHead(type ? 200 : 404, { 'content-type': type ?? 'text/plain', 'content-security-policy': CSP }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** In the page: opens the microphone and records it at 16 kHz; `recorded(seconds)` resolves with the first so many. */
export async function record() {
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  const context = new AudioContext({ sampleRate: 16_000 });
  await context.audioWorklet.addModule('/recorder.js');
  const recorder = new AudioWorkletNode(context, 'recorder', {
    numberOfOutputs: 0,
    channelCount: 1,
    channelCountMode: 'explicit',
  });
  const samples: number[] = [];
  const waiting = new Set<() => void>();
  recorder.port.onmessage = ({ data }) => {
    samples.push(...data);
    for (const look of waiting) look();
  };
  context.createMediaStreamSource(stream).connect(recorder);
  const recorded = (seconds: number) =>
    new Promise((resolve) => {
      waiting.add(() => samples.length >= seconds * 16_000 && resolve(samples));
    });
  Object.assign(globalThis, { recorded });
}
declare global {
  function recorded(seconds: number): Promise<number[]>;
}

/** In the page: plays tones of 0.3 s on one context, each so many seconds after the one before began; gives when. */
export function play(starts: number[]): number {
  const context = new AudioContext();
  const volume = new GainNode(context, { gain: 0.5 });
  volume.connect(context.destination);
  const buffer = new AudioBuffer({ length: context.sampleRate * 0.3, sampleRate: context.sampleRate });
  buffer.copyToChannel(
    Float32Array.from({ length: buffer.length }, (_, i) => Math.sin((i / context.sampleRate) * 440 * 2 * Math.PI)),
    0,
  );
  const begin = context.currentTime + 0.2;
  for (const at of starts) {
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(volume);
    source.start(begin + at);
  }
  return performance.now() + 200;
}
