import { createLedger, type Ledger } from '../../src/client/ledger.ts';
import { ProblemError } from '../../src/client/problem-error.ts';
import { connect } from '../../src/client/voice-client.ts';

/** Learners who go on talking until they are told to stop. */
export type Load = {
  ledger: Ledger;
  /** Turn ids whose reply came. */
  answered: string[];
  /** Ends of turns that were no reply, by kind. */
  problems: Map<string, number>;
  /** Resolves when every learner has finished his turn. */
  stop(): Promise<void>;
};

/** Starts so many learners with typed turns, one after the other each; a lost connection ends a learner. */
export async function startLoad(url: string, learners: number): Promise<Load> {
  const ledger = createLedger();
  const answered: string[] = [];
  const problems = new Map<string, number>();
  let stopping = false;

  const talks = await Promise.all(Array.from({ length: learners }, () => connect({ url, ledger })));
  const running = talks.map(async (client, learner) => {
    for (let turn = 0; !stopping; turn++) {
      try {
        const reply = await client.say(`Fact ${turn} of learner ${learner} about rivers`).reply;
        answered.push(reply.turn_id);
      } catch (thrown) {
        if (!(thrown instanceof ProblemError)) throw thrown;
        problems.set(thrown.kind, (problems.get(thrown.kind) ?? 0) + 1);
        if (!client.connected) break;
      }
    }
    client.close();
  });
  return {
    ledger,
    answered,
    problems,
    async stop() {
      stopping = true;
      await Promise.all(running);
    },
  };
}
