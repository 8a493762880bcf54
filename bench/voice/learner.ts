import { setTimeout as sleep } from 'node:timers/promises';
import type { VoiceClient } from '../../src/client/index.ts';
import { createSentenceSplitter } from '../../src/conversation/sentences.ts';
import type { WireReply, WireTimings } from '../../src/edge/protocol.ts';
import { bytesOf, decodeWav } from '../../src/sandbox/wav.ts';
import { type Recording, recordings } from '../../test/support/recordings.ts';

const RATE = 16_000;
const BYTES_PER_MS = (RATE * 2) / 1000;
const CHUNK_BYTES = 100 * BYTES_PER_MS;

/** What the learner perceives of a turn, in the order in which it happens. */
export const MOMENTS = ['acknowledged', 'transcript', 'first word', 'first sentence', 'first sound', 'reply'] as const;
export type Moment = (typeof MOMENTS)[number];

/** An answered turn: when the learner's side perceived what, in milliseconds from the end of speech, and the agent's own account. */
export type HeardTurn = { speechMs: number; seen: Record<Moment, number>; agent: WireTimings };

/** What a learner says: mono samples of 16 bits at 16 kHz. */
export type Speech = { name: string; pcm: Buffer };

/** The real recordings as samples. Throws when one has another form. */
export async function speeches(): Promise<[Speech, ...Speech[]]> {
  const toSpeech = ({ name, bytes }: Recording): Speech => {
    const sound = decodeWav(bytes);
    if (sound?.rate !== RATE) throw new Error(`${name}: ${sound?.rate} samples a second instead of ${RATE}.`);
    return { name, pcm: bytesOf(sound.samples) };
  };
  const [first, ...more] = await recordings();
  return [toSpeech(first), ...more.map(toSpeech)];
}

/**
 * Says one thing at the pace of speech and hears the answer out. Speech ends when its last chunk is handed to the
 * client. Throws when the turn fails, or is not answered in full: transcript, words and sound, not broken off.
 */
export async function sayAndHear(client: VoiceClient, { pcm }: Speech): Promise<HeardTurn> {
  const times: Partial<Record<Moment, number>> = {};
  const note = (moment: Moment) => {
    times[moment] ??= performance.now();
  };
  let endOfSpeech = Number.NaN;
  const turn = client.speakAudio(
    microphone(pcm, () => {
      endOfSpeech = performance.now();
    }),
    { type: `audio/pcm;rate=${RATE}` },
  );
  void turn.turnId.then(
    () => note('acknowledged'),
    () => {},
  );
  const sentences = createSentenceSplitter();
  let written = Number.NaN;
  let reply: WireReply | undefined;
  for await (const event of turn) {
    if (event.type === 'transcript') note('transcript');
    else if (event.type === 'delta') {
      note('first word');
      written = performance.now();
      if (sentences.push(event.text).length > 0) note('first sentence');
    } else if (event.type === 'speech' && event.audio.length > 0) {
      // NOTE: a sentence that nothing follows is whole only with the reply's last word.
      times['first sentence'] ??= written;
      note('first sound');
    } else if (event.type === 'reply') {
      note('reply');
      reply = event.reply;
    }
  }
  if (!reply || reply.interrupted || reply.speech_problem) {
    throw new Error(`The reply is not whole: ${reply?.speech_problem ?? 'it was interrupted.'}`);
  }
  const missing = MOMENTS.filter((moment) => times[moment] === undefined);
  if (missing.length > 0) throw new Error(`The answer came without: ${missing.join(', ')}.`);
  const seen = Object.fromEntries(MOMENTS.map((moment) => [moment, (times[moment] as number) - endOfSpeech]));
  return { speechMs: pcm.length / BYTES_PER_MS, seen: seen as HeardTurn['seen'], agent: reply.timings };
}

/** Hands over each 100 ms of sound when they have passed; `over` hears that the last ones are about to be. */
async function* microphone(pcm: Buffer, over: () => void): AsyncGenerator<Uint8Array> {
  const begin = performance.now();
  for (let end = 0; end < pcm.length; ) {
    const start = end;
    end = Math.min(pcm.length, start + CHUNK_BYTES);
    await sleep(Math.max(0, begin + end / BYTES_PER_MS - performance.now()));
    if (end === pcm.length) over();
    yield pcm.subarray(start, end);
  }
}
