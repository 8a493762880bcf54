import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import PQueue from 'p-queue';
import { ProviderError } from './provider-error.ts';
import { bytesOf } from './wav.ts';

/** The rate that a recogniser hears at, in samples a second. */
export const RECOGNIZER_RATE = 16_000;

export interface Word {
  word: string;
  startS: number;
  endS: number;
  probability: number;
}

export interface Recognition {
  text: string;
  words: Word[];
}

/** Turns 16 kHz mono PCM into words; a benchmark may put its own here. */
export interface Recognizer {
  /** Resolves when speech can be recognised, rejects with the cure when it can't. */
  ready(): Promise<void>;
  recognize(pcm: Int16Array, signal: AbortSignal): Promise<Recognition>;
  close(): Promise<void>;
}

export interface RecognizerOptions {
  python: string;
  /** Workers of about 110 MB each; one recognises seven seconds of speech a second. */
  workers?: number;
  /** Turns that may wait for a worker before further ones are refused as overload. */
  maxWaiting?: number;
}

type Process = ChildProcessByStdio<Writable, Readable, Readable>;
/** `[word, start s, end s, probability]`, as the worker writes it. */
type Row = [string, number, number, number];

/** A pool of long-lived pocketsphinx processes; one that dies is replaced before its next turn. */
export function createRecognizer({ python, workers = 1, maxWaiting = 64 }: RecognizerOptions): Recognizer {
  const queue = new PQueue({ concurrency: workers });
  const all = Array.from({ length: workers }, () => createWorker(python));
  const idle = [...all];

  return {
    async ready() {
      await Promise.all(all.map((worker) => worker.start()));
    },
    async recognize(pcm, signal) {
      if (queue.size >= maxWaiting) {
        throw new ProviderError(503, `The sandbox's recogniser has ${maxWaiting} turns waiting; try again later.`);
      }
      const run = async () => {
        const worker = idle.pop() as Worker;
        try {
          return await worker.recognize(pcm, signal);
        } finally {
          idle.push(worker);
        }
      };
      return queue.add(run, { signal });
    },
    async close() {
      queue.clear();
      await Promise.all(all.map((worker) => worker.stop()));
    },
  };
}

interface Worker {
  start(): Promise<void>;
  recognize(pcm: Int16Array, signal: AbortSignal): Promise<Recognition>;
  stop(): Promise<void>;
}

function createWorker(python: string): Worker {
  let child: Process | undefined;
  let started: Promise<void> | undefined;
  let answer: PromiseWithResolvers<Recognition> | undefined;
  let jobs = 0;

  function start(): Promise<void> {
    started ??= launch().catch((error) => {
      started = undefined;
      throw error;
    });
    return started;
  }

  async function launch(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const script = join(import.meta.dirname, 'recognizer.py');
    const own: Process = spawn(python, ['-u', script], { stdio: ['pipe', 'pipe', 'pipe'] });
    child = own;
    let complaint = '';
    own.stderr.on('data', (text) => {
      complaint = (complaint + text).slice(-400);
    });
    own.stdin.on('error', () => {});
    own.on('error', (error) => gone(error.message));
    own.on('close', (code, signal) => gone(complaint.trim().split('\n').at(-1) || `it ended with ${signal ?? code}`));
    createInterface({ input: own.stdout }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.ready) resolve();
      else if (message.id === jobs) answer?.resolve({ text: message.text, words: message.words.map(toWord) });
    });

    function gone(reason: string): void {
      const error = new ProviderError(
        500,
        `The sandbox's recogniser is not running (${python}: ${reason}). Run "make install", or set SANDBOX_PYTHON to a Python that has pocketsphinx.`,
      );
      reject(error);
      if (child !== own) return;
      answer?.reject(error);
      child = undefined;
      started = undefined;
    }
    await promise;
  }

  async function recognize(pcm: Int16Array, signal: AbortSignal): Promise<Recognition> {
    await start();
    signal.throwIfAborted();
    answer = Promise.withResolvers<Recognition>();
    const { promise, reject } = answer;
    // NOTE: an utterance can't be stopped half-way, only its process can; loading anew is cheaper than finishing.
    const abort = () => {
      reject(signal.reason);
      void stop();
    };
    signal.addEventListener('abort', abort, { once: true });
    jobs += 1;
    child?.stdin.write(`{"id":${jobs},"pcm":"${bytesOf(pcm).toString('base64')}"}\n`);
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', abort);
      answer = undefined;
    }
  }

  async function stop(): Promise<void> {
    const ending = child;
    child = undefined;
    started = undefined;
    if (!ending || ending.exitCode !== null) return;
    answer?.reject(new ProviderError(503, "The sandbox's recogniser is being stopped."));
    const closed = new Promise((resolve) => ending.once('close', resolve));
    ending.kill('SIGKILL');
    await closed;
  }

  return { start, recognize, stop };
}

function toWord([word, startS, endS, probability]: Row): Word {
  return { word, startS, endS, probability };
}
