import { AppError, Cancelled, toAppError } from '../errors.ts';
import { type Bill, createBill } from './bill.ts';
import type { Budget } from './budget.ts';
import type { Context } from './context.ts';
import type { TurnInput, TurnListener, TurnResult } from './conversation.ts';
import { classifyIntent } from './intent.ts';
import { promptFor } from './manner.ts';
import { brokenOff, byUs, NothingHeard, outcomeOf, Stopping, tooLong } from './outcome.ts';
import type { Exchange, Responder, Store, Synthesizer, Transcriber } from './ports.ts';
import type { PriceTable } from './pricing.ts';
import { quality } from './scoring.ts';
import { type LiveSession, noteTurn } from './sessions.ts';
import { createSpeaking } from './speaking.ts';
import { createStageClock, type StageClock } from './stage-clock.ts';
import type { ErrorReporter, TurnWatcher } from './watchers.ts';

export type TurnDeps = {
  transcriber: Transcriber;
  responder: Responder;
  synthesizer: Synthesizer;
  context: Context;
  store: Store;
  budget: Budget;
  prices: PriceTable;
  watcher: TurnWatcher;
  reporter: ErrorReporter;
  /** Longest audio in seconds; some containers tell theirs only to the transcriber. */
  maxAudioS: number;
};

/** What a turn has come to so far. */
type Progress = {
  clock: StageClock;
  bill: Bill;
  timestamp: Date;
  userText: string;
  agentText: string;
  exchanges: Exchange[];
  speechProblem?: string;
  budgetWarning?: string;
};

export type Turn = ReturnType<typeof createTurn>;

/**
 * Makes the turn: speech → text → context → reply, spoken as it comes → store → cache → scores, cost, intent.
 * A failed turn throws AppError with `turn_id`, `cost_usd` and `outcome`; one that the learner broke off is stored as far as it was said.
 */
export function createTurn(deps: TurnDeps) {
  const { transcriber, responder, synthesizer, context, store, budget, prices, watcher, reporter, maxAudioS } = deps;

  /** One turn, top to bottom. `place` resolves with its session when it is this turn's time. */
  async function run(
    place: Promise<LiveSession>,
    sessionId: string,
    input: TurnInput,
    listener: TurnListener,
    signal: AbortSignal,
  ): Promise<TurnResult> {
    const turn = begin(input);
    let interrupted = false;
    try {
      const session = await place;
      try {
        signal.throwIfAborted();
        budget.admit(session);
        turn.userText = await hear(turn, input, signal);
        listener.transcript(turn.userText);
        turn.exchanges = await turn.clock.stage('context', () => context.recall(session));
        await answer(turn, input, listener, signal);
      } catch (thrown) {
        if (!brokenOff(signal) || (byUs(signal) && turn.agentText === '')) throw thrown;
        interrupted = true;
      } finally {
        turn.budgetWarning = budget.spend(session, turn.bill.usd());
      }
      return await keep(turn, session, input, interrupted, signal);
    } catch (thrown) {
      throw await fail(
        turn,
        sessionId,
        input,
        toAppError(thrown instanceof Cancelled ? new Stopping() : thrown, 'turn'),
      );
    }
  }

  function begin(input: TurnInput): Progress {
    const clock = createStageClock(input.receivedAt, watcher);
    return { clock, bill: createBill(prices), timestamp: new Date(), userText: '', agentText: '', exchanges: [] };
  }

  /** The learner's words, spoken or typed. */
  async function hear({ clock, bill }: Progress, input: TurnInput, signal: AbortSignal): Promise<string> {
    let text: string;
    if ('speech' in input) {
      const heard = await clock.stage('transcribe', () => transcriber.transcribe(input.speech, signal));
      bill.transcription(transcriber.model, heard.seconds);
      if (heard.seconds !== undefined && heard.seconds > maxAudioS) throw tooLong(heard.seconds, maxAudioS);
      text = heard.text.trim();
    } else {
      text = input.text.trim();
    }
    if (text === '') throw new NothingHeard();
    return text;
  }

  /** Claude's reply as it is written, and its voice as sentences become whole. */
  async function answer(turn: Progress, input: TurnInput, listener: TurnListener, signal: AbortSignal): Promise<void> {
    let sounds = 0;
    const speaking = createSpeaking({
      synthesizer,
      signal,
      paid: (sentence) => turn.bill.speech(synthesizer.model, sentence),
      heard(audio) {
        turn.clock.first('sound');
        listener.speech(audio.bytes, sounds++, false);
      },
    });
    try {
      await turn.clock.stage('think', async () => {
        for await (const part of responder.respond(promptFor(turn.exchanges, turn.userText), signal)) {
          if (part.type === 'usage') {
            turn.bill.claude(part.model, part.usage);
            continue;
          }
          turn.clock.first('text');
          turn.agentText += part.text;
          listener.delta(part.text);
          if (input.speak) speaking.say(part.text);
        }
      });
      if (turn.agentText.trim() === '') {
        throw new AppError('provider_unavailable', 'claude', 'Claude answered without a word; please try again.');
      }
      if (!input.speak) return;
      try {
        await turn.clock.stage('speak', () => speaking.finish());
      } catch (thrown) {
        signal.throwIfAborted();
        // NOTE: the words were said; a reply without its voice is still the reply.
        const problem = toAppError(thrown, 'speech');
        reporter.report(problem);
        turn.speechProblem = problem.message;
      }
      listener.speech(new Uint8Array(), sounds, true);
    } finally {
      await speaking.settle();
    }
  }

  /** Stores what was said and what it cost, then tells everybody. */
  async function keep(
    turn: Progress,
    session: LiveSession,
    input: TurnInput,
    interrupted: boolean,
    signal: AbortSignal,
  ): Promise<TurnResult> {
    const { turnId } = input;
    const { clock, bill, timestamp, userText, agentText, exchanges, speechProblem, budgetWarning } = turn;
    const [sessionId, costs, costUsd] = [session.id, bill.costs(), bill.usd()];
    const said = agentText !== '';
    const intent = classifyIntent(userText);
    const score = said && !interrupted ? quality(agentText, userText).score : undefined;
    if (said) {
      await clock.stage('store', async () => {
        const source = 'speech' in input ? ('speech' as const) : ('text' as const);
        const metadata = { turnId, intent, interrupted, source, ...(score !== undefined && { quality: score }) };
        await store.saveTurn({ sessionId, timestamp, userText, agentText, costUsd, metadata }, costs);
        noteTurn(session, { userText, agentText, intent });
        await context.remember(session, exchanges, { userText, agentText });
      });
    } else if (costs.length > 0) {
      await clock.stage('store', () => store.saveCosts(turnId, sessionId, timestamp, costs));
    }
    const timings = clock.read();
    watcher.ended({
      turnId,
      sessionId,
      outcome: interrupted ? 'interrupted' : 'answered',
      byLearner: interrupted && !byUs(signal),
      timings,
      costs,
      ...(said && { intent }),
      ...(score !== undefined && { quality: score }),
    });
    return {
      ...{ turnId, sessionId, userText, agentText, intent, interrupted, timestamp, timings, costUsd },
      budget: budget.state(session),
      ...(budgetWarning && { budgetWarning }),
      ...(speechProblem && { speechProblem }),
    };
  }

  /** Books what a failed turn cost, tells the watcher, and hands the error back with what the learner may know. */
  async function fail(turn: Progress, sessionId: string, input: TurnInput, error: AppError): Promise<AppError> {
    const { turnId } = input;
    const { clock, bill, timestamp, budgetWarning } = turn;
    const costs = bill.costs();
    const outcome = outcomeOf(error);
    error.extra = {
      ...error.extra,
      turn_id: turnId,
      cost_usd: bill.usd(),
      outcome,
      ...(budgetWarning && { budget_warning: budgetWarning }),
    };
    if (costs.length > 0) {
      await store
        .saveCosts(turnId, sessionId, timestamp, costs)
        .catch((lost) => reporter.report(toAppError(lost, 'database')));
    }
    watcher.ended({ turnId, sessionId, outcome, byLearner: false, timings: clock.read(), costs });
    return error;
  }

  return (
    place: Promise<LiveSession>,
    sessionId: string,
    input: TurnInput,
    listener: TurnListener,
    signal: AbortSignal,
  ): Promise<TurnResult> => {
    const { turnId, traceparent } = input;
    const told = { turnId, sessionId, ...(traceparent && { traceparent }) };
    return watcher.around(told, () => run(place, sessionId, input, listener, signal));
  };
}
