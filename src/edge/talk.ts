import type { Conversation, Session } from '../conversation/conversation.ts';
import type { Speech } from '../conversation/ports.ts';
import { Cancelled } from '../errors.ts';
import { type Acknowledge, type AnswersDeps, badEvent, createAnswers, type Handler } from './answers.ts';
import { receiveAudio } from './audio.ts';
import { createHearing } from './heard.ts';
import { notReady } from './problem.ts';
import { type ClientEvent, payloads } from './protocol.ts';
import { createRecording, type Recording } from './recording.ts';
import { toWireBudget, toWireSummary } from './to-wire.ts';
import { createTurns, type Emit } from './turns.ts';
import { check, kindOf } from './validate.ts';

export type TalkDeps = AnswersDeps & {
  conversation: Conversation;
  /** Says whether turns are accepted. */
  ready: () => boolean;
};

/** What one socket says, and what it is answered. */
export interface Talk {
  /** Answers one event, in its turn. Never rejects. */
  hear(event: string, args: unknown[]): Promise<void>;
  /** Breaks off the turns in flight for good: no other begins. */
  stop(reason: Cancelled): void;
  /** Resolves when everything that was begun is over. */
  idle(): Promise<void>;
}

/** The state of one socket: its session, its open recording, its turns. */
export function createTalk(client: string, deps: TalkDeps, emit: Emit): Talk {
  const { conversation, limits, watcher } = deps;
  const hearing = createHearing(watcher);
  const turns = createTurns(conversation, deps.reporter, hearing.through(emit));
  let session: Session | undefined;
  let recording: Recording | undefined;
  let speak = false;
  let trace: string | undefined;
  let stopped: Cancelled | undefined;

  const opened = (event: ClientEvent): Session => {
    if (session) return session;
    throw badEvent(`${event} came while no session is open: send session:start first.`);
  };
  type Said = { receivedAt: number; traceparent: string | undefined } & ({ speech: Speech } | { text: string });
  const take = (said: Said, of: Session, acknowledge: Acknowledge) => {
    if (stopped?.by === 'shutdown') throw notReady('socket');
    if (stopped) return undefined;
    const input = { ...said, turnId: turns.admit(), speak, traceparent: said.traceparent ?? trace };
    hearing.began({ ...said, turnId: input.turnId });
    acknowledge({ turn_id: input.turnId });
    return () => turns.run(of, input);
  };

  const handlers: Record<ClientEvent, Handler> = {
    async 'session:start'(payload = {}, acknowledge) {
      const start = check(payloads['session:start'], payload, 'socket');
      if (!deps.ready()) throw notReady('socket');
      session = await conversation.open(start.session_id);
      recording = undefined;
      speak = start.speak;
      trace = start.traceparent;
      acknowledge({ session_id: session.id, budget: toWireBudget(conversation.budget(session)) });
      return undefined;
    },
    async audio(chunk, acknowledge) {
      if (!session) await limits.chunk(client);
      opened('audio');
      if (!(chunk instanceof Uint8Array)) {
        throw badEvent(`audio takes one binary chunk (${kindOf(chunk)}): send an ArrayBuffer or a typed array.`);
      }
      recording ??= createRecording();
      await limits.chunk(client).catch(recording.spoil);
      acknowledge({ bytes: recording.add(chunk) });
      return undefined;
    },
    async 'audio:end'(payload = {}, acknowledge, receivedAt) {
      const { type, traceparent } = check(payloads['audio:end'], payload, 'socket');
      const of = opened('audio:end');
      if (!recording) throw badEvent('audio:end came without audio: send the recording in audio chunks first.');
      if (!deps.ready()) throw notReady('socket');
      const options = { contentType: type, maxSeconds: limits.maxAudioS, component: 'socket' } as const;
      const speech = await receiveAudio(recording.bytes(), options, watcher);
      return take({ receivedAt, traceparent, speech }, of, acknowledge);
    },
    async text(payload, acknowledge, receivedAt) {
      const { text, traceparent } = check(payloads.text, payload, 'socket');
      const of = opened('text');
      if (recording) throw badEvent('text came while a recording is open: send audio:end first.');
      if (!deps.ready()) throw notReady('socket');
      return take({ receivedAt, traceparent, text }, of, acknowledge);
    },
    async interrupt(payload = {}, acknowledge) {
      const { turn_id: turnId } = check(payloads.interrupt, payload, 'socket');
      acknowledge({ interrupted: turns.cancel(new Cancelled('interrupt'), turnId) });
      return undefined;
    },
    async heard(payload, acknowledge, receivedAt) {
      hearing.report(check(payloads.heard, payload, 'socket'), receivedAt);
      acknowledge();
      return undefined;
    },
    async 'session:end'(payload = {}, acknowledge) {
      check(payloads['session:end'], payload, 'socket');
      const ending = opened('session:end');
      session = undefined;
      recording = undefined;
      return async () => {
        try {
          acknowledge({ summary: toWireSummary(await conversation.end(ending)) });
        } catch (thrown) {
          session ??= ending;
          throw thrown;
        }
      };
    },
  };

  const { hear, idle } = createAnswers(client, handlers, deps, emit, (event) => {
    // NOTE: also where it was refused: what is left open would be answered in the place of what is said next.
    if (event === 'audio:end') recording = undefined;
  });
  return {
    hear,
    idle,
    stop(reason) {
      stopped = reason;
      turns.cancel(reason);
      hearing.close();
    },
  };
}
