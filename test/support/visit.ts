import {
  connect,
  createLedger,
  createRest,
  type Ledger,
  newTrace,
  ProblemError,
  type Rest,
  type Turn,
  type TurnEvent,
  type VoiceClient,
} from '../../src/client/index.ts';
import { wavFromPcm16 } from '../../src/edge/wav.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { type Recording, recordings } from './recordings.ts';

/** The learners' own count, and what failed as it was meant to. */
export type Visit = { ledger: Ledger; problems: ProblemError[] };

type Place = { url: string; sandbox: Sandbox; ledger: Ledger; problems: ProblemError[] };

/**
 * One round of a visit by several learners at once: spoken and typed turns over Socket.IO with the voice on, an
 * interrupt each, turns over REST, searches, histories, an erasure, bad requests, and providers that fail.
 * Everything is told to one ledger.
 */
export async function visit(url: string, sandbox: Sandbox, learners: number, ledger = createLedger()): Promise<Visit> {
  const place: Place = { url, sandbox, ledger, problems: [] };
  const voices = await recordings();
  sandbox.faults.set({ messages: { token_delay_ms: 5 } });
  const talks = Array.from({ length: learners }, (_, i) => talk(place, voices[i % voices.length] as Recording));
  await Promise.all([...talks, errands(place, voices[0])]);
  await failures(place, voices[0]);
  sandbox.faults.clear();
  return place;
}

async function talk({ url, ledger }: Place, recording: Recording): Promise<void> {
  using client = await connect({ url, speak: true, ledger });
  await perceived(client, () => client.speakAudio(recording.bytes, newTrace()));
  await perceived(client, () => client.say('What does that mean?', newTrace()));
  await interrupted(client);
  await client.say('First mix, then bake').reply;
  await client.say('Now I understand it').reply;
  await client.say('Thanks, I think I am good for now').reply;
  await client.end();
}

/** A turn whose first word and first sound the learner perceives, and his client tells. */
async function perceived(client: VoiceClient, say: () => Turn): Promise<void> {
  const start = performance.now();
  const first: { [type in TurnEvent['type']]?: number } = {};
  const turn = say();
  for await (const { type } of turn) first[type] ??= performance.now() - start;
  await client.heard(await turn.turnId, { firstWordMs: first.delta, firstSoundMs: first.speech });
}

/** Says something and breaks in after its first words. */
async function interrupted(client: VoiceClient): Promise<void> {
  const turn = client.say('Explain how a sailing boat can go against the wind');
  for await (const event of turn) {
    if (event.type !== 'delta') continue;
    await client.interrupt();
    break;
  }
  await turn.reply;
}

/** What people do over HTTP. */
async function errands({ url, ledger, problems }: Place, recording: Recording): Promise<void> {
  const rest = createRest({ url, ledger });
  await rest.info();
  const { session_id: sessionId } = await rest.conversation({ text: 'Is TCP reliable?' });
  await rest.conversation({ text: 'Why is it?' }, { sessionId });
  await rest.conversation({ audio: recording.bytes }, { sessionId });
  for (const query of ['TCP', 'c++', '"', 'what?']) await rest.search(query);
  await rest.history(sessionId);
  await rest.sessions();
  for (const format of ['json', 'markdown'] as const) await rest.export(format);
  await rest.stats();
  await rest.forget(sessionId);
  await expectProblem(problems, 'not_found', () => rest.forget(sessionId));
  await expectProblem(problems, 'not_found', () => rest.export('json', { sessionId }));
  await expectProblem(problems, 'bad_input', () => rest.conversation({ text: ' ' }));
  await expectProblem(problems, 'bad_input', () => rest.conversation({ audio: Buffer.from('no sound at all') }));
}

/** Providers that fail while somebody talks to them. */
async function failures({ url, sandbox, ledger, problems }: Place, recording: Recording): Promise<void> {
  using client = await connect({ url, ledger });
  const rest: Rest = createRest({ url, ledger });
  const failing = async (
    plan: Parameters<Sandbox['faults']['set']>[0],
    kind: string,
    attempt: () => Promise<unknown>,
  ) => {
    sandbox.faults.set(plan);
    await expectProblem(problems, kind, attempt);
    sandbox.faults.clear();
  };
  await failing({ messages: { status: 529 } }, 'provider_unavailable', () => client.say('Tell me about owls').reply);
  await failing({ messages: { cut: 'body' } }, 'provider_unavailable', () => client.say('Tell me about owls').reply);
  using speaking = await connect({ url, ledger, speak: true });
  await failing(
    { messages: { cut: 'body', after_deltas: 30 } },
    'provider_unavailable',
    () => speaking.say('Tell me about owls').reply,
  );
  sandbox.faults.set({ speech: { status: 500, times: 1 } });
  await speaking.say('Tell me about owls').reply;
  sandbox.faults.clear();
  await failing({ messages: { status: 429, retry_after_s: 7 } }, 'rate_limited', () =>
    rest.conversation({ text: 'Tell me about owls' }),
  );
  await failing(
    { transcriptions: { status: 500 } },
    'provider_unavailable',
    () => client.speakAudio(recording.bytes).reply,
  );
  await expectProblem(problems, 'bad_input', () => client.speakAudio(silence(1)).reply);
  sandbox.faults.set({ messages: { model: 'claude-of-tomorrow' } });
  await client.say('And a model that nobody has a price for').reply;
  sandbox.faults.clear();
  await client.end();
}

async function expectProblem(problems: ProblemError[], kind: string, attempt: () => Promise<unknown>): Promise<void> {
  const thrown = await attempt().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ProblemError) || thrown.kind !== kind)
    throw new Error(`expected ${kind}, got ${thrown}`, { cause: thrown });
  problems.push(thrown);
}

/** So many seconds of nothing, as WAV of 16 kHz. */
export const silence = (seconds: number): Uint8Array => wavFromPcm16(new Uint8Array(seconds * 32_000), 16_000);
