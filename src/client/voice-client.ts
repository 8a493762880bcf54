import type { WireBudget, WireSummary } from '../edge/protocol.ts';
import { type ConnectionOptions, openConnection } from './connection.ts';
import { createLedger, type Ledger, type Perceived } from './ledger.ts';
import { fromWire, ProblemError } from './problem-error.ts';
import { sendRecording } from './recording.ts';
import { createTurnRecord, type Turn, type TurnRecord } from './turn.ts';

/** The end of a session waits for its turns. */
const END_TIMEOUT_MS = 10 * 60_000;

export type ConnectOptions = ConnectionOptions & {
  /** Counts into this one instead of a new one; several clients may share it. */
  ledger?: Ledger | undefined;
  /** What the agent complains of beside turns. */
  onProblem?: ((problem: ProblemError) => void) | undefined;
};
/** W3C trace context that this turn continues. */
export type SayOptions = { traceparent?: string | undefined };
/** `type` as in Content-Type; needed for raw samples only, as `audio/pcm;rate=16000`. */
export type SpeakOptions = SayOptions & { type?: string | undefined };

/** How the event that completes a turn is sent. */
type Taking = { epoch: number; sent: () => void; accepted: (answer: { turn_id: string }) => void };

/**
 * A conversation with the agent. It reconnects and resumes its session by itself; the turns that a lost connection
 * took with it reject with kind `disconnected`, and nothing that was said offline is sent later.
 */
export interface VoiceClient extends Disposable {
  readonly sessionId: string;
  readonly connected: boolean;
  readonly ledger: Ledger;
  /** What the session and the month have cost, as the latest reply, or the session's opening, told it. */
  readonly budget: WireBudget;
  /** Asks for spoken replies, or no longer; whatever was begun before keeps its way. Offline it is remembered for the next connection. */
  setSpeak(on: boolean): Promise<void>;
  /** A typed turn. */
  say(text: string, options?: SayOptions): Turn;
  /** A spoken turn: a recording, or chunks while they are recorded. Sent no faster than the agent takes it. */
  speakAudio(audio: Uint8Array | AsyncIterable<Uint8Array>, options?: SpeakOptions): Turn;
  /**
   * Tells the agent what the learner perceived of a turn on this connection, each value once; it becomes a metric, and
   * the span of the trace that came with the turn. Rejects with `bad_input` where a value can't be.
   */
  heard(turnId: string, perceived: Perceived): Promise<void>;
  /**
   * Breaks off that turn, or all in flight, and tells how many there were: 0 where it is over already. Each still ends
   * with its reply, `interrupted`.
   */
  interrupt(turnId?: string): Promise<number>;
  /** Ends the session once its turns are over. */
  end(): Promise<WireSummary>;
  /** Resolves when the session is open, at once or after the reconnection; rejects when the agent will not have us. */
  online(): Promise<void>;
  /** Turns in flight reject. */
  close(): void;
}

/** Connects and opens a session. Rejects with a ProblemError: `disconnected` where no agent answers, else what it says. */
export async function connect(options: ConnectOptions): Promise<VoiceClient> {
  const client = createVoiceClient(options);
  await client.online();
  return client;
}

function createVoiceClient(options: ConnectOptions): VoiceClient {
  const ledger = options.ledger ?? createLedger();
  const connection = openConnection(options, ledger);
  const { socket, request } = connection;
  const turns = new Map<string, TurnRecord>();
  let line: Promise<unknown> = Promise.resolve();

  /** One after the other: chunks of two recordings must not mingle, nor words fall between them. */
  function inLine<T>(work: () => Promise<T>): Promise<T> {
    const done = line.then(work);
    line = done.catch(() => {});
    return done;
  }
  function take(send: (how: Taking) => Promise<unknown>): Turn {
    const turn = createTurnRecord();
    const { epoch } = connection;
    const accepted = ({ turn_id: id }: { turn_id: string }) => {
      turns.set(id, turn);
      turn.accept(id);
    };
    inLine(() => send({ epoch, sent: turn.handOver, accepted })).catch((thrown) => turn.fail(toProblem(thrown)));
    return turn;
  }
  function finish(turnId: string): TurnRecord | undefined {
    const turn = turns.get(turnId);
    turns.delete(turnId);
    return turn;
  }

  socket.on('transcript', ({ turn_id: id, text }) => turns.get(id)?.tell({ type: 'transcript', text }));
  socket.on('reply:delta', ({ turn_id: id, text }) => turns.get(id)?.tell({ type: 'delta', text }));
  socket.on('speech', ({ turn_id: id, seq, last }, sound) => {
    // NOTE: browsers give an ArrayBuffer, Node a Buffer.
    const audio = sound instanceof Uint8Array ? sound : new Uint8Array(sound);
    turns.get(id)?.tell({ type: 'speech', audio, seq, last });
  });
  socket.on('reply', (reply) => {
    ledger.reply(reply);
    finish(reply.turn_id)?.tell({ type: 'reply', reply });
  });
  socket.on('problem', (problem) => {
    const error = fromWire(problem);
    if (error.turnId === undefined) {
      options.onProblem?.(error);
      return;
    }
    const turn = finish(error.turnId);
    ledger.problem(error);
    turn?.fail(error);
  });
  socket.on('disconnect', (reason) => {
    for (const [turnId, turn] of turns) {
      ledger.lost();
      const message = `The connection ended before the turn did (${reason}): connect and say it again.`;
      turn.fail(new ProblemError('disconnected', message, { turnId }));
    }
    turns.clear();
  });

  return {
    get sessionId() {
      return connection.sessionId;
    },
    get connected() {
      return socket.connected;
    },
    ledger,
    get budget() {
      // NOTE: `connect` gives nobody a client before its session is open, and so its budget known.
      return connection.budget as WireBudget;
    },
    setSpeak: (on) => inLine(() => connection.setSpeak(on)),
    say: (text, { traceparent } = {}) => take((how) => request('text', { text, traceparent }, how)),
    speakAudio: (audio, options = {}) =>
      take(({ accepted, ...how }) =>
        sendRecording(connection, audio, {
          ...options,
          ...how,
          accepted(answer, { format, bytes }) {
            ledger.audio(format, bytes);
            accepted(answer);
          },
        }),
      ),
    async heard(turnId, perceived) {
      const { firstWordMs, firstSoundMs } = perceived;
      const payload = { turn_id: turnId, first_word_ms: firstWordMs, first_sound_ms: firstSoundMs };
      await request('heard', payload, { accepted: () => ledger.heard(perceived) });
    },
    interrupt: async (turnId) => (await request('interrupt', { turn_id: turnId })).interrupted,
    end() {
      const { epoch } = connection;
      const how = { epoch, accepted: connection.leave, timeoutMs: END_TIMEOUT_MS };
      return inLine(async () => (await request('session:end', {}, how)).summary);
    },
    online: connection.online,
    close: connection.close,
    [Symbol.dispose]: connection.close,
  };
}

/** A recorder's own failure is told as it is. */
function toProblem(thrown: unknown): ProblemError {
  if (thrown instanceof ProblemError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ProblemError('bad_input', `The recording broke off: ${message}`, { cause: thrown });
}
