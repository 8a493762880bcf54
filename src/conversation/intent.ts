import { asks } from './asking.ts';
import { clausesIn } from './clauses.ts';
import { takesLeave } from './farewell.ts';
import type { Intent } from './ports.ts';

/**
 * What the learner is doing with these words, by rules on whole words; written and recognised speech (no case, no
 * punctuation) are the same to it. The first that fits wins, in this order:
 * 1. `end_conversation`: takes leave, even while thanking, asking or reflecting;
 * 2. `question`: wants an answer, marked or not;
 * 3. `listing`: goes through steps or items;
 * 4. `reflection`: looks at the learner's own understanding or opinion;
 * 5. `statement`: all else, empty text included. In doubt it is a statement.
 */
export function classifyIntent(text: string): Intent {
  if (takesLeave(text)) return 'end_conversation';
  if (asks(text)) return 'question';
  if (lists(text)) return 'listing';
  if (reflects(text)) return 'reflection';
  return 'statement';
}

const BULLETS = /^\s*(?:[-*•]|\d{1,2}[.)])\s+\S.*\n+\s*(?:[-*•]|\d{1,2}[.)])\s+\S/m;
const DETERMINED =
  '(?<!\\b(?:the|a|an|my|your|his|her|its|our|their|this|that|at|very|what|since|by|back|until|even|if) )';
const FIRST = new RegExp(
  `${DETERMINED}\\b(?:first of all|firstly|first(?! (?:time|name|person|world|class|half|year|day))|to begin with|to start with|step one|step 1|number one)\\b`,
);
const NEXT = new RegExp(
  `${DETERMINED}\\b(?:second(?:ly)?(?! (?:time|world|half))|third(?:ly)?|after that|afterwards|then|next|finally|lastly|step two|step 2|number two)\\b`,
  'g',
);
const ANNOUNCED =
  /\bthere (?:are|were) (?:two|three|four|five|six|seven|eight|nine|ten|several|many|\d+) (?:\S+ )?(?:kinds|types|sorts|ways|parts|steps|reasons|stages|layers|phases)\b/;
const CHAIN = /(?:^| )\S+ and \S+ and \S+(?: |$)/;
const ITEM = /^(?:\S+ ){0,3}\S+$/;
const NOT_AN_ITEM =
  /^(?:(?:and|or|but) )?(?:i|i'm|i've|we|we're|you|he|she|it|it's|they|there|that|that's|this|yes|no|ok|okay|well|so|thanks|please|hello|hi|hey|then|because|when|if|which|who|where|like)\b/;

/** Steps in their order ("first …, then …"), or at least three items. */
function lists(text: string): boolean {
  if (BULLETS.test(text)) return true;
  const sentences = clausesIn(text);
  const all = sentences.flat().join(' ');
  const first = FIRST.exec(all);
  const steps = [...all.matchAll(NEXT)].filter(({ index }) => !/\bif\b/.test(all.slice(0, index))).length;
  if (first && [...all.matchAll(NEXT)].some(({ index }) => index > first.index)) return true;
  return steps > 1 || ANNOUNCED.test(all) || CHAIN.test(all) || sentences.some(enumerates);
}

function enumerates(clauses: string[]): boolean {
  const items = clauses.flatMap((clause) => clause.split(/(?<=\S) (?:and|or) /));
  if (clauses.length < 2 || items.length < 3 || !/\b(?:and|or)\b/.test(clauses.at(-1) ?? '')) return false;
  // NOTE: what leads up to the first item, or follows the last, is part of a longer sentence.
  const inner = items.slice(1, -1);
  return inner.every((item) => ITEM.test(item)) && !items.some((item) => NOT_AN_ITEM.test(item) && item !== items[0]);
}

const REFLECTIONS = [
  /^(?:(?:and|so|but|oh|ah|okay|ok|yes|yeah|well|hmm|now|today|then|wow|actually|honestly|personally) )*(?:i|we) (?:(?:just|finally|now|also|still|really|only|never|kind of|sort of) )*(?:think|thought|feel|felt|believe|believed|guess|suppose|understand|understood|realize|realized|realise|realised|learned|learnt|noticed|discovered|figured|remember|wonder|used to (?:think|believe)|get it|got it|see (?:it|that|now|why|how|what))\b(?! so$)/,
  /^(?:(?:and|so|but|oh|ah|okay|ok|yes|yeah|well|hmm|now|then) )*(?:i|we) (?:still |really |just )*(?:don't|do not|didn't|can't) (?:really |quite |fully )*(?:understand|get|see|believe)\b/,
  /^(?:(?:oh|ah|okay|ok|so|but|yes|yeah|well|and) )*(?:i see$|i'm (?:still |a bit |so |really |not )*(?:confused|lost|stuck|sure|convinced|certain)\b|i was (?:wrong|right|confused|surprised)|in my (?:opinion|view)|aha\b|looking back)/,
  /\bnow i (?:(?:finally|really|fully) )?(?:understand|get|see|know|realize|realise)\b/,
  /\bi (?:finally |really |fully )(?:understand|understood|get it|got it|see)\b/,
  /(?<!\bthe \S{1,20} )\bi (?:understand|get|see) (?:it|this|that|why|how|what)\b.* (?:now|better)$/,
  /\b(?:that|it|this|which) (?:now |all |finally |really |totally )*(?:makes|made) (?:(?:so much|more|perfect|total|a lot of|complete) )?sense\b|^(?:now )?makes (?:perfect |total )?sense\b/,
  /\bit (?:all |finally |just )*clicked\b|\breminds me of\b/,
];

const reflects = (text: string): boolean =>
  clausesIn(text)
    .flat()
    .some((clause) => REFLECTIONS.some((pattern) => pattern.test(clause)));
