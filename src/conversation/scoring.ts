import { asks } from './asking.ts';
import type { Exchange, Intent } from './ports.ts';
import { sentencesOf } from './sentences.ts';
import { contentOf, wordsIn } from './words.ts';

/** Each in 0..1, 1 is best. */
export type Quality = { score: number; relevance: number; clarity: number; brevity: number; oneQuestion: number };

/** A learner's turn, as engagement sees it. */
export type EngagementTurn = Readonly<Exchange & { intent: Intent }>;

/** What engagement is made of, all in 0..1. */
export type Engagement = {
  score: number;
  turns: number;
  followUps: number;
  questions: number;
  length: number;
  topics: number;
};

/** Content words of the learner that a reply need take up at most. */
const WORDS_TO_TAKE_UP = 3;
const NOTHING: Quality = { score: 0, relevance: 0, clarity: 0, brevity: 0, oneQuestion: 0 };

/**
 * How good a reply is for the ear, 0 for a reply without words:
 * `score = 0.4 relevance + 0.2 clarity + 0.2 brevity + 0.2 oneQuestion`
 * - `relevance = min(1, |learner ∩ reply| / min(|learner|, 3))` over stems of content words; 1 when the learner used none
 * - `clarity = falling(words per sentence, 20, 40)`, halved by anything that can't be read aloud (markdown, links, emoji)
 * - `brevity = falling(words, 60, 180)`
 * - `oneQuestion = 1 / max(1, questions)`
 * where `falling(x, a, b)` is 1 up to a, 0 from b, and a straight line between.
 */
export function quality(reply: string, userText: string): Quality {
  const words = wordsIn(reply).length;
  if (words === 0) return NOTHING;
  const asked = contentOf(userText);
  const answered = contentOf(reply);
  const taken = [...asked].filter((word) => answered.has(word)).length;
  const sentences = sentencesOf(reply).filter((sentence) => wordsIn(sentence).length > 0);

  const relevance = asked.size === 0 ? 1 : unit(taken / Math.min(asked.size, WORDS_TO_TAKE_UP));
  const clarity = falling(words / sentences.length, 20, 40) * (UNSPEAKABLE.test(reply) ? 0.5 : 1);
  const brevity = falling(words, 60, 180);
  const oneQuestion = 1 / Math.max(1, sentences.filter((sentence) => sentence.includes('?')).length);
  return {
    score: unit(0.4 * relevance + 0.2 * clarity + 0.2 * brevity + 0.2 * oneQuestion),
    relevance,
    clarity,
    brevity,
    oneQuestion,
  };
}

/** Markdown marks, tables, links, pictographs. */
const UNSPEAKABLE =
  /^\s{0,3}(?:#{1,6} |[-*+] |\d+\. |> |\|)|\*\*|__|`|\]\(|https?:\/\/|\p{Extended_Pictographic}(?!\u{FE0E})/mu;

const RECENT = 20;
const FULL_TURNS = 10;
const FULL_WORDS = 12;
const FULL_TOPICS = 15;
const IDLE: Engagement = { score: 0, turns: 0, followUps: 0, questions: 0, length: 0, topics: 0 };

/**
 * How engaged a learner is, over the last 20 turns, n of them; 0 without a turn:
 * `score = 0.25 turns + 0.25 followUps + 0.2 questions + 0.15 length + 0.15 topics`
 * - `turns = min(1, n / 10)`
 * - `followUps` = share of the turns after the first that take up what was said just before
 * - `questions = min(1, 2 × share of the turns that ask)`: every second turn is full
 * - `length = min(1, mean words of the learner's turns / 12)`
 * - `topics = min(1, different content words of the learner / 15)`
 */
export function engagement(all: readonly EngagementTurn[]): Engagement {
  const recent = all.slice(-RECENT);
  const n = recent.length;
  if (n === 0) return IDLE;
  const followed = recent.filter((turn, at) => followsUp(turn, recent[at - 1])).length;
  const asked = recent.filter(({ intent }) => intent === 'question').length;
  const words = recent.reduce((sum, turn) => sum + partsOf(turn).words, 0);
  const said = new Set(recent.flatMap((turn) => [...partsOf(turn).own]));

  const turns = unit(n / FULL_TURNS);
  const followUps = n === 1 ? 0 : followed / (n - 1);
  const questions = unit((2 * asked) / n);
  const length = unit(words / n / FULL_WORDS);
  const topics = unit(said.size / FULL_TOPICS);
  const score = unit(0.25 * turns + 0.25 * followUps + 0.2 * questions + 0.15 * length + 0.15 * topics);
  return { score, turns, followUps, questions, length, topics };
}

const POINTS_BACK = /\b(?:it|its|that|this|they|them|those|these|he|she|him|her|there|why|then|more|again|example)\b/i;

/** Whether a turn goes on from the one before: shares a content word with it, or points back to it. */
function followsUp(turn: EngagementTurn, before: EngagementTurn | undefined): boolean {
  if (!before) return false;
  const { own } = partsOf(turn);
  const { own: theirs, answered } = partsOf(before);
  for (const word of own) if (theirs.has(word) || answered.has(word)) return true;
  return own.size <= 2 && (POINTS_BACK.test(turn.userText) || (own.size === 0 && asks(turn.userText)));
}

type Parts = { words: number; own: Set<string>; answered: Set<string> };
const known = new WeakMap<EngagementTurn, Parts>();

/** What a turn is made of. Kept with it: engagement is asked for at every scrape, and a turn never changes. */
function partsOf(turn: EngagementTurn): Parts {
  const found = known.get(turn) ?? {
    words: wordsIn(turn.userText).length,
    own: contentOf(turn.userText),
    answered: contentOf(turn.agentText),
  };
  known.set(turn, found);
  return found;
}

const unit = (value: number): number => (value > 0 ? Math.min(value, 1) : 0);
const falling = (value: number, full: number, none: number): number => unit((none - value) / (none - full));
