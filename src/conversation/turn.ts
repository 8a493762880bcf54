import { AppError, Cancelled, toAppError } from '../errors.ts';
import type { Budget } from './budget.ts';
import type { Context } from './context.ts';
import type { TurnInput, TurnListener, TurnResult } from './conversation.ts';
import { claudeCost, speechCost, totalUsd, transcriptionCost } from './costs.ts';
import { classifyIntent } from './intent.ts';
import { promptFor } from './manner.ts';
import type {
  Cost,
  ErrorReporter,
  Exchange,
  Outcome,
  Responder,
  Store,
  Synthesizer,
  Transcriber,
  TurnWatcher,
} from './ports.ts';
import type { PriceTable } from './pricing.ts';
import { quality } from './scoring.ts';
import { type LiveSession, noteTurn } from './sessions.ts';
import { createSpeaking } from './speaking.ts';
import { createStageClock } from './stage-clock.ts';

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

/**
 * Makes the turn: speech → text → context → reply, spoken as it comes → store → cache → scores, cost, intent.
 * A failed turn throws AppError with `turn_id`, `cost_usd` and `outcome`; one that `Cancelled` broke off is stored as far as it was said.
 */
export function createTurn(deps: TurnDeps) {
  const { transcriber, responder, synthesizer, context, store, budget, prices, watcher, reporter, maxAudioS } = deps;

  return function turn(
    session: LiveSession,
    input: TurnInput,
    listener: TurnListener,
    signal: AbortSignal,
  ): Promise<TurnResult> {
    const { turnId, traceparent } = input;
    const told = { turnId, sessionId: session.id, ...(traceparent && { traceparent }) };
    return watcher.around(told, () => run(session, input, listener, signal));
  };

  async function run(
    session: LiveSession,
    input: TurnInput,
    listener: TurnListener,
    signal: AbortSignal,
  ): Promise<TurnResult> {
    const { turnId } = input;
    const sessionId = session.id;
    const timestamp = new Date();
    const clock = createStageClock(input.receivedAt, watcher);
    const costs: Cost[] = [];
    let userText = '';
    let agentText = '';
    let exchanges: Exchange[] = [];
    let interrupted = false;
    let budgetWarning: string | undefined;
    let speechProblem: string | undefined;

    try {
      try {
        signal.throwIfAborted();
        await budget.admit(session);

        if ('speech' in input) {
          const heard = await clock.stage('transcribe', () => transcriber.transcribe(input.speech, signal));
          costs.push(transcriptionCost(prices, transcriber.model, heard.seconds));
          if (heard.seconds > maxAudioS) throw tooLong(heard.seconds, maxAudioS);
          userText = heard.text.trim();
        } else {
          userText = input.text.trim();
        }
        if (userText === '') throw new NothingHeard();
        listener.transcript(userText);

        exchanges = await clock.stage('context', () => context.recall(session));

        let sounds = 0;
        const speaking = createSpeaking({
          synthesizer,
          signal,
          heard(audio, sentence) {
            costs.push(speechCost(prices, synthesizer.model, sentence));
            clock.first('sound');
            listener.speech(audio.bytes, sounds++, false);
          },
        });
        await clock.stage('think', async () => {
          for await (const part of responder.respond(promptFor(exchanges, userText), signal)) {
            if (part.type === 'usage') {
              costs.push(claudeCost(prices, part.model, part.usage));
              continue;
            }
            clock.first('text');
            agentText += part.text;
            listener.delta(part.text);
            if (input.speak) speaking.say(part.text);
          }
        });
        if (agentText.trim() === '') {
          throw new AppError('provider_unavailable', 'claude', 'Claude answered without a word; please try again.');
        }

        if (input.speak) {
          try {
            await clock.stage('speak', () => speaking.finish());
          } catch (thrown) {
            signal.throwIfAborted();
            // NOTE: the words were said; a reply without its voice is still the reply.
            const problem = toAppError(thrown, 'speech');
            reporter.report(problem);
            speechProblem = problem.message;
          }
          listener.speech(new Uint8Array(), sounds, true);
        }
      } catch (thrown) {
        if (!(signal.reason instanceof Cancelled)) throw thrown;
        interrupted = true;
      } finally {
        budgetWarning = budget.spend(session, costs);
      }

      const said = agentText !== '';
      const intent = classifyIntent(userText);
      const score = said && !interrupted ? quality(agentText, userText).score : undefined;
      const costUsd = totalUsd(costs);
      if (said) {
        await clock.stage('store', async () => {
          const source = 'speech' in input ? ('speech' as const) : ('text' as const);
          const metadata = { turnId, intent, interrupted, source, ...(score !== undefined && { quality: score }) };
          await store.saveTurn({ sessionId, timestamp, userText, agentText, costUsd, metadata }, costs);
          await context.remember(session, exchanges, { userText, agentText });
        });
        noteTurn(session, { userText, agentText, intent });
      } else if (costs.length > 0) {
        await clock.stage('store', () => store.saveCosts(turnId, sessionId, timestamp, costs));
      }

      const timings = clock.read();
      watcher.ended({
        turnId,
        sessionId,
        outcome: interrupted ? 'interrupted' : 'answered',
        byLearner: brokenOffByLearner(signal),
        timings,
        costs,
        ...(said && { intent }),
        ...(score !== undefined && { quality: score }),
      });
      return {
        turnId,
        sessionId,
        userText,
        agentText,
        intent,
        interrupted,
        timestamp,
        timings,
        costUsd,
        ...(budgetWarning && { budgetWarning }),
        ...(speechProblem && { speechProblem }),
      };
    } catch (thrown) {
      const error = toAppError(thrown, 'turn');
      const outcome = outcomeOf(error);
      error.extra = { ...error.extra, turn_id: turnId, cost_usd: totalUsd(costs), outcome };
      if (costs.length > 0) {
        await store
          .saveCosts(turnId, sessionId, timestamp, costs)
          .catch((lost) => reporter.report(toAppError(lost, 'database')));
      }
      watcher.ended({
        turnId,
        sessionId,
        outcome,
        byLearner: false,
        timings: clock.read(),
        costs,
        error,
      });
      throw error;
    }
  }
}

/** A turn in which nothing was said: silence, or typed blanks. */
export class NothingHeard extends AppError {
  constructor() {
    super('bad_input', 'turn', 'No words were heard; speak closer to the microphone, or check that it is on.', {
      status: 422,
    });
  }
}

function brokenOffByLearner(signal: AbortSignal): boolean {
  return signal.reason instanceof Cancelled && signal.reason.by !== 'shutdown';
}

/** Refused: a budget or the learner's own input stood in the way. A provider's limit is a failure like any other. */
function outcomeOf(error: AppError): Outcome {
  if (error instanceof NothingHeard) return 'empty';
  return error.kind === 'budget_exhausted' || error.kind === 'bad_input' ? 'refused' : 'failed';
}

const tooLong = (seconds: number, most: number) =>
  new AppError('bad_input', 'turn', `The recording is ${seconds.toFixed(1)} s long; send at most ${most} s.`, {
    status: 413,
  });
