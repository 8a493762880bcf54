import { classifyIntent } from './intent.ts';
import type { Exchange } from './ports.ts';
import { sentencesOf } from './sentences.ts';
import { topics } from './topics.ts';
import { contentOf } from './words.ts';

const MOST_TOPICS = 5;
/** A line to remember fits into one breath and one line of a terminal. */
const LONGEST_LINE = 200;
const FEWEST_WORDS = 4;

/** `remember` is a sentence that was said, '' when none is worth it. */
export type Summary = { topics: string[]; remember: string };

/**
 * What a session was about: its topics, and the most central sentence of it. Central is the sentence whose content words
 * were said most in all the others, on average, with a preference for insights of the learner; questions, goodbyes and
 * broken-off sentences don't qualify. Nothing is invented: both are taken from the texts.
 */
export function summarize(exchanges: readonly Exchange[]): Summary {
  const texts = exchanges.flatMap(({ userText, agentText }) => [userText, agentText]);
  return { topics: topics(texts, MOST_TOPICS), remember: centralSentence(exchanges) };
}

function centralSentence(exchanges: readonly Exchange[]): string {
  const lines = exchanges.flatMap(({ userText, agentText }) => [
    ...sentencesOf(userText).map((said) => toLine(said, true)),
    ...sentencesOf(agentText).map((said) => toLine(said, false)),
  ]);
  const said = new Map<string, number>();
  for (const { content } of lines) for (const word of content) said.set(word, (said.get(word) ?? 0) + 1);

  let best = { text: '', score: 0 };
  for (const line of lines) {
    if (!line.qualifies) continue;
    const total = [...line.content].reduce((sum, word) => sum + (said.get(word) ?? 0), 0);
    // NOTE: divided by a little more than the words there are, so that a bare keyword doesn't win over a sentence about it.
    const score = (total / (line.content.size + 2)) * (line.insight ? 1.5 : 1);
    if (score > best.score) best = { text: line.text, score };
  }
  return best.text;
}

function toLine(sentence: string, learner: boolean) {
  const text = sentence.trim().replace(/\s+/g, ' ');
  const intent = classifyIntent(text);
  const whole = learner || /[.!…]["'”’)]*$/.test(text);
  const fits = text.length <= LONGEST_LINE && text.split(' ').length >= FEWEST_WORDS;
  return {
    text,
    content: contentOf(text),
    insight: learner && intent === 'reflection',
    qualifies: whole && fits && intent !== 'question' && intent !== 'end_conversation',
  };
}
