import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRest, type Said } from '../../src/client/rest.ts';
import { ROOT } from '../stack/parts.ts';

export type TrafficOptions = {
  learners: number;
  /** Each learner's pause between two turns. */
  pauseMs?: number;
  /** Recordings in place of typed words. */
  spoken?: boolean;
  /** A session for every turn, as a client does that forgets its own. */
  newSessions?: boolean;
};

export type Traffic = { answered(): number; failed(): number; stop(): Promise<void> };

const RECORDING = join(ROOT, '.stack/debian/usr/share/pocketsphinx/test/data/cards/001.wav');

/** Learners over HTTP who go on whatever happens to them, so that a drill has traffic before, in and after its fault. */
export async function startTraffic(url: string, options: TrafficOptions): Promise<Traffic> {
  const { learners, pauseMs = 500, spoken = false, newSessions = false } = options;
  const audio = spoken ? new Uint8Array(await readFile(RECORDING)) : undefined;
  const rest = createRest({ url });
  const ended = new AbortController();
  const { signal } = ended;
  let answered = 0;
  let failed = 0;

  async function talk(learner: number): Promise<void> {
    let sessionId: string | undefined;
    for (let turn = 0; !signal.aborted; turn++) {
      const said: Said = audio ? { audio } : { text: `Fact ${turn} of learner ${learner} about rivers` };
      try {
        const reply = await rest.conversation(said, sessionId === undefined ? { signal } : { sessionId, signal });
        answered++;
        if (!newSessions) sessionId = reply.session_id;
      } catch {
        if (!signal.aborted) failed++;
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
  }
  const talking = Array.from({ length: learners }, (_, learner) => talk(learner));
  return {
    answered: () => answered,
    failed: () => failed,
    async stop() {
      ended.abort();
      await Promise.all(talking);
    },
  };
}
