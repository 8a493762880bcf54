import { afterCourtesy, clausesIn } from './clauses.ts';
import { plain } from './words.ts';

const words = (text: string): Set<string> => new Set(text.trim().split(/\s+/));

const BE = words("is are was were am isn't aren't wasn't weren't ain't");
const AUXILIARY = words(`is are was were am do does did can could should would will shall may might must has have had
  isn't aren't wasn't weren't don't doesn't didn't can't couldn't shouldn't wouldn't won't hasn't haven't hadn't`);
const WH_IS =
  words(`what's who's how's where's when's why's what're how're where're who're what'll who'll what'd who'd how'd
  where'd why'd`);
const SUBJECT = words(`i you we they he she it this that these those there someone somebody anyone anybody everyone
  everybody everything anything something people the a an my your his her our their its any all both some most many each
  every one`);
const NO_SUBJECT =
  words(`be been being have has had do not never always also just only still so very really too go going say like love rather
  probably definitely work need take make get is are was were am about on in at from to of what where when how why
  because no got`);
/** Opinions: "how nice", "what lovely weather" and "was great" exclaim; they don't ask. */
const OPINION =
  words(`nice lovely beautiful wonderful great good bad amazing awesome cool interesting fascinating funny fun
  strange weird odd sweet kind sad terrible awful clever true exciting boring annoying frustrating cute silly stupid
  brilliant fantastic neat elegant nonsense luck hard easy ok okay fine`);
const HOW_MUCH = words('to about come many much long far often old big fast deep tall likely else exactly');
const DETERMINER = words('the my a an some');
const WH_TO = words('to else exactly');

/** "Is …", "Can you …": an auxiliary before its subject. */
function inverts([aux = '', next = '', ...rest]: string[]): boolean {
  if (next === '') return false;
  const count = 2 + rest.length;
  const subject = SUBJECT.has(next);
  const longEnough = count > (DETERMINER.has(next) ? 3 : 2);
  const noun = !NO_SUBJECT.has(next);
  switch (aux.replace(/n't$/, '')) {
    case 'is':
    case 'are':
    case 'was':
    case 'were':
      return noun && !(OPINION.has(next) && count <= 4) && (subject || longEnough);
    case 'am':
      return next === 'i';
    case 'do':
      if (/^(?:you|we|they|i|people|these|those|any|all|most|some|both|many)$/.test(next)) return true;
      if (aux === "don't") return false;
      return next === 'the'
        ? /[^s]s$/.test(rest[0] ?? '') && rest.length > 1
        : noun && !subject && /[^s]s$/.test(next) && count > 2;
    case 'does':
    case 'did':
      return aux.endsWith("n't") ? subject : noun && longEnough;
    case 'can':
    case 'ca':
    case 'could':
    case 'would':
    case 'will':
    case 'wo':
    case 'should':
    case 'shall':
      return subject || (!aux.endsWith("n't") && noun && count > 2 && !rest.some((word) => BE.has(word)));
    case 'may':
      return next === 'i' || next === 'we';
    case 'might':
    case 'must':
      return subject;
    case 'has':
      return noun && next !== 'a' && next !== 'an' && count > 2;
    case 'have':
      return /^(?:you|we|they|i|people|scientists)$/.test(next) || (/^(?:the|these|those|my)$/.test(next) && count > 3);
    default:
      return false;
  }
}

/** "What …", "how …": a question word that asks, not one that exclaims or joins. */
function asksWith([wh = '', next = '', ...rest]: string[]): boolean {
  if (WH_IS.has(wh)) return true;
  const auxiliary = AUXILIARY.has(next);
  const later = [next, ...rest].some((word) => AUXILIARY.has(word));
  switch (wh) {
    case 'what':
      if (next === 'a' || next === 'an') return false;
      if (OPINION.has(next) && !later) return false;
      return !/^(?:i|you|we|he|she|they|it)$/.test(next);
    case 'how': {
      if (auxiliary || HOW_MUCH.has(next)) return true;
      const opinion = rest[/^(?:very|really|so)$/.test(next) ? 0 : -1] ?? next;
      if (OPINION.has(opinion)) return AUXILIARY.has(rest[0] ?? '');
      if (/^(?:i|we|my|our)$/.test(next)) return false;
      const verb = rest.findIndex((word) => BE.has(word));
      return (
        verb < 1 || !/^(?:simple|easy|hard|clear|by|important|confusing|a|the|because|just)$/.test(rest[verb + 1] ?? '')
      );
    }
    case 'why':
      return !/^(?:thank|thanks|yes)$/.test(next);
    case 'when':
    case 'where':
      return next === '' || auxiliary || WH_TO.has(next);
    case 'who':
      return !/^(?:knows|cares)$/.test(next);
    case 'whose':
    case 'whom':
      return true;
    case 'which':
      if (
        /^(?:is|was)$/.test(next) &&
        (OPINION.has(rest[0] ?? '') || /^(?:why|what|how|where|because|exactly)$/.test(rest[0] ?? ''))
      )
        return false;
      return !/^(?:means|makes|explains|shows|brings|reminds|i|we)$/.test(next);
    default:
      return false;
  }
}

const REQUEST = /^(?:tell|show|teach|remind|give|help|quiz|test|ask|walk|read) (?:me|us)\b/;
const ORDER =
  /^(?:explain|describe|define|compare|summarize|summarise|clarify|list|name|spell|translate|repeat)(?: (.+))?$/;
const ORDERS_THIS =
  /^(?:me|us|the|this|that|it|these|those|how|what|why|when|where|who|which|to|some|all|please|again)\b/;
const WONDERS =
  /^(?:i wonder(?= \S)|i was wondering|i'm wondering|i'd (?:like|love) to know|i (?:want|would like|would love|need) to know|i'm curious|i have (?:a|another|one more) question|my question is|any idea)\b/;
const UNSURE =
  /^(?:i (?:still )?(?:don't|do not|can't) (?:really |quite )?(?:understand|get|see|know)|i'm not sure|not sure) (?:why|how|what|if|whether|when|where|which|who) (?!to say\b)/;
const TAG =
  /\b(?:isn't|aren't|doesn't|don't|didn't|wasn't|weren't|won't|can't|couldn't|hasn't|haven't) (?:it|they|you|we|he|she|that|i)$/;

/** Questions in the middle of what a recogniser wrote without a full stop: only an inversion can stand there. */
const LATER_QUESTION = [
  /(?:^| )(?:why|how|where|when) (?:is|are|was|were|do|does|did|can|could|should|would) (?:i|you|we|they|he|she|it|this|that|these|those|there|the|a|an|my)\b/,
  /(?:^| )what (?:do|does|did|would|should|could|can) (?:i|you|we|they|he|she|it|this|that|these|those|the|a|an|my)\b/,
  /(?:^| )(?:can|could|would|will) you (?:please |maybe |just )?(?:explain|tell|help|show|give|repeat|say|describe|define|compare|teach|remind|list|name|summarize)\b/,
  /(?:^| )do you (?:know|think|have|mean|remember)\b/,
];
const LATER_WHAT_IS =
  /(?:^|(\S{1,20}) )(?:what's|what is|what are) (?!important|right|wrong|going|left|next|missing|true)/g;
const LATER_TELL =
  /(?:^|(\S{1,20}) )(?:tell me (?:about|what|how|why|more|who|where|when|if)|explain (?:to me|how|why|what)) ?/g;
const EMBEDS =
  words(`know knows knew understand understands understood learn learned learnt see sees saw about is was that's of on me explain explains explained
  ask asked wonder say says said think remember remembered forget forgot show shows tell tells decide matters to will can could would did you they
  he she it not don't and exactly i never always`);

/**
 * Whether the learner asks, with or without a question mark: a recogniser writes none. A sentence asks when it starts,
 * after fillers, with a question word, an inversion or a request for an answer, or when one stands inside where only a
 * question could.
 */
export function asks(text: string): boolean {
  if (/[?؟](?=[\s"'”)\]!?.,…]|$)/.test(plain(text))) return true;
  return clausesIn(text).some((clauses) => {
    const start = clauses.findIndex((clause) => afterCourtesy(clause) !== '');
    return clauses.some((clause, at) => asksAt(clause, at <= start));
  });
}

function asksAt(clause: string, opens: boolean): boolean {
  if (/^so (?:is|are|was|were|do|does|did|can|could|will|would|should|has|have) \S+$/.test(clause)) return false;
  const said = withoutLead(clause);
  const list = said.split(' ');
  if (inverts(list) || asksOrder(said) || WONDERS.test(said) || UNSURE.test(said) || TAG.test(said)) return true;
  if (asksWith(list) && (opens || (/^(?:what|why|how)/.test(said) && AUXILIARY.has(list[1] ?? '')))) return true;
  return (
    LATER_QUESTION.some((pattern) => pattern.test(said)) || stands(LATER_WHAT_IS, said) || stands(LATER_TELL, said)
  );
}

function asksOrder(said: string): boolean {
  if (REQUEST.test(said) || said === 'help' || said === 'now what') return true;
  const order = ORDER.exec(said);
  if (!order) return false;
  const rest = order[1] ?? '';
  return ORDERS_THIS.test(rest) || !rest.split(' ').some((word) => BE.has(word));
}

/** Whether the pattern stands anywhere after a word that doesn't make it part of a statement. */
const stands = (pattern: RegExp, said: string): boolean =>
  [...said.matchAll(pattern)].some(([, before]) => before !== undefined && !EMBEDS.has(before));

const LEAD =
  /^(?:ok|okay|alright|all right|so|and|but|or|well|um|uh|uhm|er|hm|hmm|oh|ah|wait|hey|hi|hello|also|then|actually|sorry|excuse me|thanks|thank you|yeah|please|claude|i mean|like|because|by the way|one more thing)(?: |$)/;

function withoutLead(clause: string): string {
  let said = clause;
  for (let found = LEAD.exec(said); found && found[0] !== said; found = LEAD.exec(said))
    said = said.slice(found[0].length);
  return said;
}
