import { styleText } from 'node:util';
import type { WireReply, WireSummary } from '../../edge/protocol.ts';
import type { ProblemError } from '../problem-error.ts';
import type { Info } from '../rest.ts';
import type { TurnEvent } from '../turn.ts';
import { milliseconds, stageChart } from './stages.ts';

/** Tells the talk, to people or to machines. Standard output has the talk, standard error what is said about it. */
export interface Printer {
  /** `remembered` says of a session that was asked for whether anything is. */
  begin(sessionId: string, info: Info, remembered?: boolean): void;
  /** As it happens. */
  event(event: TurnEvent): void;
  /** `file` names the recording that was said. */
  failed(problem: ProblemError, file?: string): void;
  ended(summary: WireSummary): void;
  note(text: string): void;
}

const INDENT = ' '.repeat(8);
type Style = Parameters<typeof styleText>[0];

/** NOTE: styleText leaves out colours where the stream is no terminal, or NO_COLOR is set. */
const paint = (style: Style, text: string) => styleText(style, text, { stream: process.stdout });
const print = (text: string) => void process.stdout.write(text);
const note = (text: string) => void process.stderr.write(`${text}\n`);

export function peoplePrinter(): Printer {
  let speaking = false;
  const newLine = () => {
    if (speaking) print('\n');
    speaking = false;
  };
  return {
    begin(sessionId, { service, version, providers }, remembered) {
      const who = providers === 'sandbox' ? 'the sandbox answers, not Claude' : 'Claude answers';
      const fresh = remembered === false ? ', a new one: nothing is remembered under this id' : '';
      print(paint('dim', `${service} ${version} · ${who} · session ${sessionId}${fresh}\n\n`));
    },
    event(event) {
      if (event.type === 'transcript') print(`${paint('bold', 'You'.padEnd(INDENT.length))}${event.text}\n`);
      if (event.type === 'delta') {
        if (!speaking) print(paint('bold', 'Agent'.padEnd(INDENT.length)));
        speaking = true;
        print(event.text);
      }
      if (event.type === 'reply') {
        newLine();
        print(`${figures(event.reply)}\n`);
      }
    },
    failed(problem, file) {
      newLine();
      const cost = problem.costUsd ? ` It cost ${usd(problem.costUsd)}.` : '';
      note(`${problem.kind}: ${file === undefined ? '' : `${file}: `}${problem.message}${cost}\n`);
    },
    ended({ exchanges, topics, remember, duration_s: seconds }) {
      const about = topics.length > 0 ? ` about ${topics.join(', ')}` : '';
      print(`${exchanges} exchange${exchanges === 1 ? '' : 's'} in ${Math.round(seconds)} s${about}.\n`);
      if (remember) print(`To remember: ${remember}\n`);
    },
    note,
  };
}

/** `{"turn": reply}`, `{"problem": …}` and `{"summary": …}`, one a line. */
export function jsonPrinter(): Printer {
  const line = (value: object) => print(`${JSON.stringify(value)}\n`);
  return {
    begin() {},
    event(event) {
      if (event.type === 'reply') line({ turn: event.reply });
    },
    failed({ kind, message, turnId, retryAfterS, costUsd }, file) {
      line({ problem: { kind, message, file, turn_id: turnId, retry_after_s: retryAfterS, cost_usd: costUsd } });
    },
    ended: (summary) => line({ summary }),
    note,
  };
}

/** What a turn took and cost. */
export function figures(reply: WireReply): string {
  const { total_ms: total, first_text_ms: word, first_sound_ms: sound } = reply.timings;
  const times = [
    `${milliseconds(total)} in all`,
    ...(word === null ? [] : [`first word ${milliseconds(word)}`]),
    ...(sound === null ? [] : [`first sound ${milliseconds(sound)}`]),
  ];
  const facts = [times.join(', '), usd(reply.cost_usd), reply.intent, ...(reply.interrupted ? ['interrupted'] : [])];
  const lines = ['', ...stageChart(reply.timings), facts.join(' · ')];
  if (reply.budget_warning) lines.push(reply.budget_warning);
  return lines
    .map((line) => (line === '' ? '' : paint('dim', INDENT + line)))
    .join('\n')
    .concat('\n');
}

const usd = (amount: number) => `$${amount.toFixed(6)}`;
