import { classifyIntent } from './intent.ts';
import type { Exchange } from './ports.ts';
import { sentencesOf } from './sentences.ts';
import { topics } from './topics.ts';
import { contentOf } from './words.ts';

const MOST_TOPICS = 5;
const MOST_CHARACTERS = 40_000;
/** A line to remember fits into one breath and one line of a terminal. */
const LONGEST_LINE = 200;
const FEWEST_WORDS = 4;
/** What the learner understood counts this many times as much. */
const INSIGHT = 1.5;

/** `remember` is a sentence that was said, '' when none is worth it. */
export type Summary = { topics: string[]; remember: string };

/**
 * What a session was about: its topics, and the most central sentence of it. Central is the sentence whose content words
 * were said most in all the others, on average, with a preference for insights of the learner; questions, goodbyes and
 * broken-off sentences don't qualify. Nothing is invented: both are taken from the texts.
 */
export function summarize(all: readonly Exchange[]): Summary {
  const exchanges = newest(all);
  const texts = exchanges.flatMap(({ userText, agentText }) => [userText, agentText]);
  return { topics: topics(texts, MOST_TOPICS), remember: centralSentence(exchanges) };
}

/** As many of the newest exchanges as can be gone through in a moment. */
function newest(all: readonly Exchange[]): Exchange[] {
  let room = MOST_CHARACTERS;
  const from = all.findLastIndex(({ userText, agentText }) => {
    room -= userText.length + agentText.length;
    return room < 0;
  });
  return all.slice(from === all.length - 1 ? from : from + 1);
}

function centralSentence(exchanges: readonly Exchange[]): string {
  const lines = exchanges.flatMap(({ userText, agentText }) => [
    ...sentencesOf(userText).map((said) => toLine(said, true)),
    ...sentencesOf(agentText).map((said) => toLine(said, false)),
  ]);
  const said = new Map<string, number>();
  for (const { content } of lines) for (const word of content) said.set(word, (said.get(word) ?? 0) + 1);

  let best = { text: '', score: 0 };
  for (const { text, content, learner } of lines) {
    const total = [...content].reduce((sum, word) => sum + (said.get(word) ?? 0), 0);
    // NOTE: divided by a little more than the words there are, so that a bare keyword doesn't win over a sentence about it.
    const central = total / (content.size + 2);
    if (central * (learner ? INSIGHT : 1) <= best.score || !qualifies(text, learner)) continue;
    const intent = classifyIntent(text);
    const score = learner && intent === 'reflection' ? central * INSIGHT : central;
    if (score > best.score && intent !== 'question' && intent !== 'end_conversation') best = { text, score };
  }
  return best.text;
}

function toLine(sentence: string, learner: boolean) {
  const text = sentence.trim().replace(/\s+/g, ' ');
  return { text, learner, content: contentOf(text) };
}

/** A learner's words come without a full stop from a recogniser; a reply without one was broken off. */
const qualifies = (text: string, learner: boolean): boolean =>
  text.length <= LONGEST_LINE && text.split(' ').length >= FEWEST_WORDS && (learner || /[.!…]["'”’)]*$/.test(text));
