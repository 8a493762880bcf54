import { toPcm16 } from './frames.ts';

/** 96 ms: small enough to send speech while it is spoken, large enough not to drown the network in events. */
const FRAMES_PER_CHUNK = 3;

/** How an utterance ended. */
export type UtteranceEnd = {
  /** By silence, by its length, or because the listener was stopped. */
  by: 'silence' | 'length' | 'stop';
  /** How long ago the last sound of speech was when the end was noticed: subtract it to measure from the end of speech. */
  silenceMs: number;
  /** What `chunks` gave altogether. */
  audioMs: number;
};

/** What somebody says, while it is being said. */
export interface Utterance {
  /**
   * It goes on, without a pause that would end a turn, after one that ended by its length: whoever breaks off the reply
   * before when somebody speaks up must not do so here, since that one answers the first part of what is being said.
   */
  readonly continues: boolean;
  /** Chunks of 96 ms, 16-bit little-endian samples of 16 kHz; throws when the model fails, and what it was discarded for. To be read once. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Resolves at the end of speech, rejects with what `chunks` throws. */
  readonly ended: Promise<UtteranceEnd>;
}

/** The side of an utterance that the listener writes to. After `end` or `fail` nothing changes any more. */
export interface UtteranceRecord extends Utterance {
  add(frames: Float32Array[]): void;
  end(how: Omit<UtteranceEnd, 'audioMs'>): void;
  fail(error: Error): void;
}

/** `frameMs` is how long each frame lasts, in milliseconds. */
export function createUtterance(frameMs: number, continues = false): UtteranceRecord {
  const waiting: Uint8Array[] = [];
  const ended = Promise.withResolvers<UtteranceEnd>();
  let frames: Float32Array[] = [];
  let count = 0;
  let over = false;
  let failure: Error | undefined;
  let news = Promise.withResolvers<void>();
  // NOTE: who looks only at the chunks must not be punished for the promise that he left alone.
  ended.promise.catch(() => {});

  function wake(): void {
    news.resolve();
    news = Promise.withResolvers();
  }
  async function* read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (failure) throw failure;
      const chunk = waiting.shift();
      if (chunk) yield chunk;
      else if (over) return;
      else await news.promise;
    }
  }
  return {
    continues,
    chunks: read(),
    ended: ended.promise,
    add(more) {
      if (over) return;
      count += more.length;
      frames.push(...more);
      while (frames.length >= FRAMES_PER_CHUNK) waiting.push(toPcm16(frames.splice(0, FRAMES_PER_CHUNK)));
      wake();
    },
    end(how) {
      if (over) return;
      over = true;
      if (frames.length > 0) waiting.push(toPcm16(frames));
      frames = [];
      ended.resolve({ ...how, audioMs: count * frameMs });
      wake();
    },
    fail(error) {
      if (over) return;
      over = true;
      failure = error;
      ended.reject(error);
      wake();
    },
  };
}
