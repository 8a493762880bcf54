import { afterCourtesy, clausesIn } from './clauses.ts';

const DAYS = '(?:mon|tues|wednes|thurs|fri|satur|sun)day';
const LATER = `(?:later|soon|tomorrow|again|around|then|next (?:time|week)|on ${DAYS}|${DAYS}|in the morning)`;

/** Said to part, and hardly ever anything else. */
const PARTING = [
  'bye bye|goodbye|good bye|bye|good ?night|night night',
  `see (?:you|ya) ${LATER}|catch (?:you|ya) later|(?:i'll )?(?:talk|speak) to (?:you|ya) ${LATER}`,
].join('|');

/** Said to part when it is all that is said. */
const CLOSING = [
  `see (?:you|ya)|talk ${LATER}|until ${LATER}|till ${LATER}|farewell|so long|ciao|adios|cheerio|take care(?: of yourself)?`,
  '(?:have|enjoy) (?:a|the rest of your) (?:(?:good|great|nice|lovely|wonderful) )?(?:day|night|evening|one|weekend|afternoon)',
  "(?:that's|that is|that was|that'll be|that will be) (?:(?:all|enough|everything)(?: (?:i|we) (?:need|needed|wanted|have|had)(?: to (?:know|ask))?)?(?: for (?:today|now|tonight|me))*|it for (?:today|now|tonight|me))",
  'enough for (?:today|now|tonight)',
  "(?:i'm|i am|we're|we are) (?:(?:all )?(?:done|good|finished|set)(?: here)? for (?:now|today|tonight|the day)|(?:all )?done(?: here)?|all set|finished here|off(?: to bed| now)?|leaving(?: now)?|going to (?:bed|sleep))",
  "no (?:thanks |thank you )?(?:i'm|i am) (?:good|fine|ok|okay)",
  "(?:i|we|i've|we've|i'd|we'd) (?:have to|have got to|got to|gotta|need to|should|must|better|really have to|really need to) (?:go|leave|run|stop|get going|be going|log off|hang up|head out)(?: (?:now|soon|here|there))*(?: to (?:bed|work|sleep|school|class|dinner|lunch|a meeting|my (?:class|meeting|lesson)))?",
  "(?:i'll|i will|i'm going to|i'm gonna|let's|let us|we can|can we|could we|shall we|should we) (?:stop|end|finish|leave it|quit|go)(?: (?:here|there|now|it here|this here))+(?: for (?:now|today|tonight))?",
  "(?:let's|let us|shall we|can we) (?:stop|(?:end|finish|leave it|stop) for (?:now|today|tonight)|wrap (?:it |this |things )?up|call it a (?:day|night)|continue (?:tomorrow|later|next time))",
  '(?:end|stop|close|finish|quit|exit)(?: (?:the|this|our))? (?:conversation|session|chat|call|lesson)|hang up|quit|exit|signing off',
  '(?:i have )?(?:no (?:more|further|other) questions|nothing (?:else|more))(?: for (?:now|today))?',
  "(?:it's )?time (?:for me )?to (?:go|stop|sleep)(?: to (?:bed|sleep|work))?",
].join('|');

const GOES_WITH = 'i (?:think|guess|believe)(?: that)?';
const STARTS_PARTING = new RegExp(`^(?:${PARTING})(?: |$)`);
const STARTS_CLOSING = new RegExp(`^(?:${PARTING}|${CLOSING})(?: |$)`);
const STARTS_HEDGE = new RegExp(`^(?:${GOES_WITH}) `);
const ENDS_PARTING = new RegExp(`^(?:(.*) )?(?:${PARTING})$`);

/** After a goodbye, what may follow it in one breath: thanks, or oneself. */
const PARTING_GOES_ON =
  /^(?:for now|and (?:thank|thanks|see|have|take|talk|good|until)|i|i'm|i'll|i've|we|we'll|until|till|it was)\b/;
/** Before it, what makes it a word that is talked about. */
const MENTIONS =
  /\b(?:say|says|said|saying|mean|means|meant|call|called|word|words|wave|waved|kiss|kissed|from|than|of|or|a|an|the|this|that|my|your|his|her|our|their|no|last|is|was|as|to|between \w+ and)(?: (?:good|sad|long|final|last|first|big|real|old))?$/;

/**
 * Whether the learner takes leave. A goodbye counts where it is all that a clause says beside courtesy, or where an
 * utterance starts or ends with it; where it is talked about ("in Spanish adios means goodbye") it doesn't.
 */
export function takesLeave(text: string): boolean {
  const sentences = clausesIn(text);
  const clauses = sentences.flat();
  const last = clauses.findLast((clause) => afterCourtesy(clause) !== '') ?? '';
  const before = clauses[clauses.lastIndexOf(last) - 1] ?? '';
  const whole = isOnly(STARTS_CLOSING, last) || isOnly(STARTS_CLOSING, sentences.at(-1)?.join(' ') ?? '');
  if (whole && !/\b(?:say|says|said|means|called)$/.test(before)) return true;

  const first = clauses[0] ?? '';
  if (clauses.length > 1 && isOnly(STARTS_PARTING, first) && !/[?؟]\s*$/.test(text)) return true;

  const opening = afterCourtesy(first);
  const parting = STARTS_PARTING.exec(opening);
  if (parting && PARTING_GOES_ON.test(opening.slice(parting[0].length))) return true;

  const ending = ENDS_PARTING.exec(withoutTrailingCourtesy(last));
  return ending !== null && !MENTIONS.test(ending[1] ?? '');
}

/** Whether a clause is what the pattern starts with, over and over, with courtesy between, and nothing else. */
function isOnly(pattern: RegExp, clause: string): boolean {
  let found = false;
  let rest = clause;
  while (rest !== '') {
    const match = pattern.exec(rest);
    if (match) found = true;
    const next = match ? rest.slice(match[0].length) : afterCourtesy(rest).replace(STARTS_HEDGE, '');
    if (next === rest) return false;
    rest = next;
  }
  return found;
}

const withoutTrailingCourtesy = (clause: string): string =>
  clause.replace(/(?: (?:now|everyone|everybody|all|claude|again|thanks|thank you|for now|my friend))+$/, '');
