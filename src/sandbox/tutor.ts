import { comparison, topicOf, wordsOf } from './topics.ts';

/** A conversation as the tutor sees it: text only, oldest first, the learner's words last. */
export interface Conversation {
  system: string;
  turns: { role: string; text: string }[];
}

const GOODBYE =
  /\b(?:bye|goodbye|good ?night|see you|talk (?:to you )?later|that's all|that is all|i'm done(?! with)|good for (?:now|today)|(?:have to|gotta) go|let's stop|stop here|end (?:the |our )?(?:conversation|session))\b/;
const LOST =
  /\b(?:confus(?:ed|ing)|stuck|(?:i'm|i am|feel|got|get|totally|completely) lost|tired|(?:too|so|very|really|it's|this is|that's) (?:hard|difficult)|frustrat(?:ed|ing)|(?:don't|do not|can't) (?:get|understand|follow)|no idea|makes no sense)\b/;
const KEEN = /\b(?:awesome|amazing|wow|i love|excited|exciting|fantastic|fascinating|brilliant|so cool)\b/;
const INSIGHT =
  /\b(?:now i (?:understand|see|get|know)|i (?:just )?(?:learned|learnt|realised|realized|noticed)|(?:it|that|this) makes sense|i get it)\b/;
const VAGUE = /\b(?:something|stuff|things|anything|whatever)\b/;

/** What the learner wants of a topic, by the words that open English questions; the first that fits. */
const WISHES = [
  ['example', /\b(?:example|for instance)/],
  ['why', /\bwhy\b|\bwhat for\b/],
  ['how', /\bhow\b/],
  ['what', /\b(?:what|who|which|define|explain|describe|meaning|tell me about|teach me)\b/],
  ['whether', /^(?:is|are|was|were|do|does|did|can|could|will|would|should) /],
] as const;

/**
 * A small learning companion that runs on rules: a pure function of the conversation it is sent. It knows no facts and
 * invents none. It names the learner's topic, shows a way into it, ties it to an earlier one, matches the learner's
 * energy, asks one question when it can't tell what is meant, and sums up the topics at the end.
 */
export function replyTo({ system, turns }: Conversation): string {
  const said = turns.filter(({ role }) => role === 'user').map(({ text }) => text);
  const latest = said.at(-1) ?? '';
  const plain = wordsOf(latest).join(' ');
  const earlier = [...new Set([...topicsInPrompt(system), ...said.slice(0, -1).flatMap(topicsSaid)])];
  if (GOODBYE.test(plain)) return farewell(earlier);

  const wish = WISHES.find(([, words]) => words.test(plain))?.[0];
  const named = topicOf(latest);
  const topic = named ?? earlier.at(-1);
  const bare = plain.split(' ').length <= 2 || VAGUE.test(plain);
  const lost = LOST.test(plain) && !INSIGHT.test(plain);
  if (!topic || lost || (named ? bare && !wish : !wish && !INSIGHT.test(plain)))
    return question(topic, plain, said.length);

  const others = earlier.filter((other) => !related(other, topic));
  const tie = others.at(-1)
    ? `You brought up ${others.at(-1)} earlier, so look for what the two have in common.`
    : again(topic, earlier);
  return [opening(topic, plain, latest, said.length), wayInto(topic, latest, plain, wish), tie]
    .filter(Boolean)
    .join(' ');
}

/** Topics of former sessions, where the system prompt has a line "Earlier topics: a, b". */
function topicsInPrompt(system: string): string[] {
  const line = /^earlier topics:[ \t]*(.+)$/im.exec(system)?.[1] ?? '';
  return line
    .replace(/\.\s*$/, '')
    .split(/\s*[,;]\s*/)
    .filter(Boolean);
}

function topicsSaid(text: string): string[] {
  const topic = GOODBYE.test(wordsOf(text).join(' ')) ? undefined : topicOf(text);
  return topic ? [topic] : [];
}

function farewell(topics: string[]): string {
  const stop = "All right, we'll stop here, and it was good to learn with you.";
  const last = topics.at(-1);
  if (!last) return `${stop} Bring me a topic next time, and we'll start right there.`;
  const list = topics
    .slice(-5)
    .join(', ')
    .replace(/, ([^,]+)$/, ' and $1');
  return `${stop} We talked about ${list}. To keep it, explain ${last} to somebody tomorrow in your own words.`;
}

/** The one clarifying question, asked differently each turn so that two vague turns in a row get somewhere. */
function question(topic: string | undefined, plain: string, turn: number): string {
  const feeling = LOST.test(plain)
    ? 'No rush, everybody gets stuck there at first.'
    : KEEN.test(plain)
      ? 'I like your energy, so let us make use of it!'
      : "I'm glad to think it through with you.";
  if (!topic) return `${feeling} What would you like to understand better today?`;
  const questions = [
    `What is the last thing about ${topic} that still made sense to you?`,
    `Which part of ${topic} should we take first: what it is, how it works, or why it matters?`,
    `Would an example of ${topic} help you more now, or the idea behind it?`,
  ];
  return `${feeling} ${questions[turn % questions.length]}`;
}

function opening(topic: string, plain: string, latest: string, turn: number): string {
  if (KEEN.test(plain) || latest.includes('!')) return `I love your energy about ${topic}!`;
  if (INSIGHT.test(plain)) return `That is a real step forward with ${topic}.`;
  const openings = [
    `Let's think ${topic} through together.`,
    `Let's give ${topic} a closer look.`,
    `Good, let's take ${topic} apart.`,
  ];
  return openings[turn % openings.length] as string;
}

function wayInto(topic: string, latest: string, plain: string, wish: string | undefined): string {
  const sides = comparison(latest);
  if (sides) return `Take one job that both ${sides[0]} and ${sides[1]} do, and watch where they part ways.`;
  if (INSIGHT.test(plain)) return 'Now explain it aloud in one breath, and notice where you hesitate.';
  switch (wish) {
    case 'example':
      return `Make up the smallest case of ${topic} that still works, then change one thing in it.`;
    case 'why':
      return `Imagine that ${topic} were missing, and the first thing to break tells you what it is good for.`;
    case 'how':
      return 'Follow a single case step by step: what goes in, what changes, and what comes out.';
    case 'what':
      return 'Say in one line what kind of thing it is, and then what sets it apart from its nearest relative.';
    case 'whether':
      return 'Look for one case where that holds and one where it fails, and the rule will show itself.';
    default:
      return 'Try to put the heart of it in one sentence of your own, and then look for an example against it.';
  }
}

function again(topic: string, earlier: string[]): string {
  return earlier.length > 0 ? `We have been at ${topic} before, so start from what you already worked out.` : '';
}

/** Whether two topics are the same matter: one has a word of the other. */
function related(a: string, b: string): boolean {
  const words = new Set(a.toLowerCase().split(' '));
  return b
    .toLowerCase()
    .split(' ')
    .some((word) => word !== 'and' && words.has(word));
}
