/** Words that never are a topic: function words, talk about the talk itself, and everyday verbs, which end a noun phrase. */
const STOP_WORDS = new Set(
  `a about above actually affect affects after again all alright also always am an and any anything are around as ask at
  away back be became because become becomes been before being believe best better between big bit bring but by call called came can
  can't cannot cause causes change changes come compare confused confusing could curious day define describe did
  difference different difficult do does doing don't done down each else even ever every everything exactly example
  examples explain fall falls feel few find first for form forms from get gets getting give go goes going gone gonna good got
  grow grows guess had happen happens hard has have having he heard hello help helps her here hey hi him his hmm how however
  i if im important in interested interesting into is isn't it its just keep kind know last lately learn learned
  learnt less let lets like likes little look lost lot made make makes many matter matters may maybe me mean means might
  more most move moves much must my myself need needs never new next nice no not nothing notice noticed now of off often oh ok okay on one only
  or other our out over own part people please practice practise pretty question questions quite read reading realised realized
  really remember right run runs said same saw say says see seem seems sense she should show shows so some somebody someone something
  soon sort start started still stop stuck stuff study studying such sure take takes talk teach tell than thank thanks that
  the their them then there these they thing things think thinking this those though thought through tell time to today
  together told too topic topics tried try trying turn turns turned uh um understand up us use used uses using usually very want
  wanted wants was wasn't way ways we well went were what whatever when where which while who why will with without wonder
  wondering work works would yeah yes yesterday yet you your yourself zero two three four five six
  seven eight nine ten bend bends rather reach reaches wow awesome amazing cool fantastic brilliant fascinating
  exciting excited great love loved`.split(/\s+/),
);

const ABOUT = '(?:more |a bit |something )?(?:about|of)';
/** Openings after which English names what the sentence is about; the first that captures a phrase wins. */
const LEADS = [
  new RegExp(
    `\\b(?:tell|teach|ask|show|explain to|talk|learn(?:ed|t|ing)?|know|read(?:ing)?|think(?:ing)?|wonder(?:ing)?|curious|hear|heard) (?:me |you |us |to me )?${ABOUT} (.+)`,
  ),
  /\b(?:explain|define|describe|study|studying|understand|learn|learning|practise|practice|stuck on) (.+)/,
  /\b(?:what|who)(?:'s| is| are| was| were| does| do) (.+)/,
];
/** Openings of questions whose subject comes first and whose last word is what is asked of it: "is the sky blue". */
const PREDICATES = /(?:^|\b(?:why|how|when|where) )(?:is|are|was|were) (.+)/;

/** Lower-case words of a text, with inner apostrophes, dots and hyphens, `c++` and `c#` kept. */
export function wordsOf(text: string): string[] {
  const plain = text.toLowerCase().replace(/’/g, "'");
  return plain.match(/[\p{L}\p{N}]+(?:['.-][\p{L}\p{N}]+)*(?:\+\+|#)?/gu) ?? [];
}

/** What the learner's words are about, in at most three of those words ("A and B" for a comparison); undefined when they name nothing. */
export function topicOf(text: string): string | undefined {
  const topic = namedIn(text);
  // NOTE: TCP and JavaScript are written as the learner wrote them; a capital at the start of a word may just open his sentence.
  return topic?.replace(/[^ ]+/g, (word) => {
    const written = text.match(/[\p{L}\p{N}+#.'’-]+/gu)?.find((other) => other.toLowerCase() === word);
    return written && /.\p{Lu}/u.test(written) ? written : word;
  });
}

function namedIn(text: string): string | undefined {
  const plain = wordsOf(text).join(' ');
  const sides = comparison(text);
  if (sides) return sides.join(' and ');
  for (const lead of LEADS) {
    const phrase = phraseIn(lead.exec(plain)?.[1]);
    if (phrase) return phrase;
  }
  const subject = PREDICATES.exec(plain)?.[1];
  return phraseIn(subject?.replace(/(\S+ )\S+$/, '$1')) ?? phraseIn(plain);
}

/** The two sides of "the difference between A and B" or "compare A with B". */
export function comparison(text: string): [string, string] | undefined {
  const sides = /\b(?:between|compare) (.+?) (?:and|with|to) (.+)/.exec(wordsOf(text).join(' '));
  const [left, right] = [phraseIn(sides?.[1]), phraseIn(sides?.[2])];
  return left && right && left !== right ? [left, right] : undefined;
}

/** The longest run of words that carry meaning; of equals the first. */
function phraseIn(text: string | undefined): string | undefined {
  let best: string[] = [];
  let run: string[] = [];
  for (const word of text?.split(' ') ?? []) {
    run = carriesMeaning(word) ? [...run, word] : [];
    if (run.length > best.length && run.length <= 3) best = run;
  }
  return best.length > 0 ? best.join(' ').replace(/'s$/, '') : undefined;
}

function carriesMeaning(word: string): boolean {
  if (STOP_WORDS.has(word) || STOP_WORDS.has(word.split("'", 1)[0] as string)) return false;
  return word.length > 1 || /\p{N}/u.test(word);
}
