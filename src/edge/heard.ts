import { badEvent } from './answers.ts';
import type { Emit } from './turns.ts';
import type { EdgeWatcher } from './watcher.ts';

/** Turns of one socket that may still be reported on. */
export const RECENT_TURNS = 32;
/**
 * What a value may have beyond our own time of sending: the learner's clock starts before ours, since the client has to
 * notice that the last word was said, and to send it; and what we send has to arrive, and to be played.
 * NOTE: however late it is told, so that no client can make up minutes.
 */
export const ALLOWANCE_MS = 10_000;
/** Browsers blur their clocks, the most careful ones by so much. */
const BLUR_MS = 100;

const WHAT = { first_word_ms: 'word', first_sound_ms: 'sound' } as const;
const KIND = { first_word_ms: 'seen', first_sound_ms: 'heard' } as const;
type Value = keyof typeof WHAT;
const VALUES = Object.keys(WHAT) as Value[];

type Turn = {
  turnId: string;
  /** `performance.now()` milliseconds, as everywhere here. */
  receivedAt: number;
  /** The end of speech by our clock: the latest moment that is in keeping with everything known. */
  startedAt: number;
  /** The client's own span may be told: it brought one with this turn, and with no other. */
  traceparent: string | undefined;
  /** Milliseconds from the turn's receipt to the first of its words, and of its sounds. */
  sent: Partial<Record<Value, number>>;
  perceived: Partial<Record<Value, number>>;
  over: boolean;
  told: boolean;
};

/** What one socket's learner perceived of the turns, by the client's account, held against our own clock. */
export interface Hearing {
  /** A turn was accepted; `traceparent` is the one that came with it. */
  began(turn: { turnId: string; receivedAt: number; traceparent: string | undefined }): void;
  /** The same `emit`; what goes through it tells when a turn's words, sounds and end were sent. */
  through(emit: Emit): Emit;
  /** Throws `bad_input` and records nothing where any value can't be. */
  report(event: { turn_id: string } & { [V in Value]?: number | undefined }, at: number): void;
  /** No report can come any more. */
  close(): void;
}

export function createHearing(watcher: Pick<EdgeWatcher, 'perceived' | 'clientTurn'>): Hearing {
  const turns = new Map<string, Turn>();
  let newest: Turn | undefined;
  let closed = false;

  /**
   * Tells the client's span once, when the turn is over and nothing more of it is to be perceived, or nobody waits for
   * that any more. NOTE: not before the end: a collector judges a trace soon after its root has come.
   */
  function settle(turn: Turn): void {
    const { turnId, startedAt, traceparent, sent, perceived, over, told } = turn;
    const known = VALUES.some((value) => perceived[value] !== undefined);
    const due = VALUES.some((value) => sent[value] !== undefined && perceived[value] === undefined);
    if (told || !traceparent || !over || !known || (due && turn === newest && !closed)) return;
    turn.told = true;
    watcher.clientTurn({
      turnId,
      startedAt,
      firstWordMs: perceived.first_word_ms,
      firstSoundMs: perceived.first_sound_ms,
    });
  }
  const settleAll = () => {
    for (const turn of turns.values()) settle(turn);
  };

  function note(event: string, [payload, audio]: unknown[]): void {
    const turn = turns.get((payload as { turn_id?: string }).turn_id ?? '');
    if (!turn) return;
    const after = performance.now() - turn.receivedAt;
    if (event === 'reply:delta') turn.sent.first_word_ms ??= after;
    if (event === 'speech' && (audio as Uint8Array).length > 0) turn.sent.first_sound_ms ??= after;
    if (event !== 'reply' && event !== 'problem') return;
    turn.over = true;
    settle(turn);
  }

  return {
    began({ turnId, receivedAt, traceparent }) {
      const taken = [...turns.values()].some((turn) => turn.traceparent === traceparent);
      newest = {
        ...{ turnId, receivedAt, startedAt: receivedAt, traceparent: taken ? undefined : traceparent },
        ...{ sent: {}, perceived: {}, over: false, told: false },
      };
      turns.set(turnId, newest);
      settleAll();
      const [oldest] = turns.keys();
      if (turns.size > RECENT_TURNS && oldest !== undefined) turns.delete(oldest);
    },
    through:
      (emit) =>
      (event, ...args) => {
        note(event, args);
        emit(event, ...args);
      },
    report({ turn_id: turnId, ...values }, at) {
      const turn = turns.get(turnId);
      if (!turn) {
        throw badEvent(
          `turn_id (${JSON.stringify(turnId.slice(0, 60))}) is none of the last ${RECENT_TURNS} turns of this connection: report a turn on the connection that it was accepted on.`,
        );
      }
      const told = VALUES.flatMap((value) => (values[value] === undefined ? [] : [[value, values[value]] as const]));
      for (const [value, ms] of told) refuse(turn, value, ms);
      for (const [value, ms] of told) {
        turn.perceived[value] = ms;
        turn.startedAt = Math.min(turn.startedAt, at - ms);
        watcher.perceived(KIND[value], ms / 1000);
      }
      settle(turn);
    },
    close() {
      closed = true;
      settleAll();
    },
  };
}

/** Throws where a value can't be, by the time at which we sent what was perceived. */
function refuse({ sent, perceived }: Turn, value: Value, ms: number): void {
  const [what, given] = [WHAT[value], `${value} (${ms})`];
  if (perceived[value] !== undefined) throw badEvent(`${given} was reported before: report each value once a turn.`);
  const least = sent[value];
  if (least === undefined) {
    const cure = what === 'sound' ? 'leave it out of turns without speak' : 'report it when it is seen';
    throw badEvent(`${given} came while no ${what} of this turn was sent: ${cure}.`);
  }
  if (ms < least - BLUR_MS) {
    throw badEvent(
      `${given} is less than the ${Math.round(least)} ms after which the first ${what} was sent: count milliseconds, from the end of speech.`,
    );
  }
  if (ms > least + ALLOWANCE_MS) {
    throw badEvent(
      `${given} is over ${ALLOWANCE_MS} ms more than the ${Math.round(least)} ms after which the first ${what} was sent: count from the end of this turn's own speech.`,
    );
  }
}
