import { chunksOf, formatOf } from './audio.ts';
import type { Connection } from './connection.ts';
import { ProblemError } from './problem-error.ts';

/** Chunks of audio that may be on their way unacknowledged: 256 kB. */
const WINDOW = 4;

/** How a recording is sent, in the epoch in which it was begun. */
export type Sending = {
  epoch: number;
  type?: string | undefined;
  traceparent?: string | undefined;
  /** The connection has all of it. */
  sent: () => void;
  /** The agent has taken it as a turn. */
  accepted: (answer: { turn_id: string }, audio: { format: string; bytes: number }) => void;
};

/**
 * Sends a recording and its end, no faster than the agent takes it. Rejects with what the recorder throws, or the agent
 * says; then the agent has let go of what was sent, so that the next one does not go on where it stopped.
 */
export async function sendRecording(
  connection: Connection,
  audio: Uint8Array | AsyncIterable<Uint8Array>,
  { type, traceparent, accepted, ...how }: Sending,
): Promise<void> {
  const { request, reopen } = connection;
  const underway: Promise<unknown>[] = [];
  let bytes = 0;
  let head = new Uint8Array(0);
  let ended = false;
  try {
    for await (const chunk of chunksOf(audio)) {
      if (underway.length >= WINDOW) await underway.shift();
      const sent = request('audio', chunk, { epoch: how.epoch });
      // NOTE: a chunk that fails behind the last wait fails `audio:end` too.
      sent.catch(() => {});
      underway.push(sent);
      bytes += chunk.length;
      if (head.length < 12) head = new Uint8Array([...head, ...chunk.subarray(0, 12)]);
    }
    ended = true;
    const taken = (answer: { turn_id: string }) => accepted(answer, { format: formatOf(head, type), bytes });
    await request('audio:end', { type, traceparent }, { ...how, accepted: taken });
  } catch (thrown) {
    // NOTE: an end that the agent refuses is an end; one that got lost on its way is not.
    const over = ended && !(thrown instanceof ProblemError && thrown.kind === 'timeout');
    if (bytes > 0 && !over && how.epoch === connection.epoch) await reopen().catch(() => {});
    throw thrown;
  }
}
