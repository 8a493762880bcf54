/** Past this many characters a sentence is broken at a comma or a blank, so that speech can start. */
const SOFT_LIMIT = 240;
/** A break at a comma leaves at least this much before it; a shorter piece would sound chopped. */
const SHORTEST_PIECE = 60;

/** No abbreviation is longer, blanks after it included: a look at more would take too long on odd texts. */
const LOOK_BACK = 60;

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Ends that the segmenter takes for a sentence's, and that another word always follows. */
const ABBREVIATED =
  /(?:^|[\s("'“‘[])(?:dr|mr|mrs|ms|mx|prof|st|gen|col|capt|lt|sgt|rev|hon|fig|figs|eq|eqs|ch|vol|pp|approx|vs|cf|ca|e\.g|i\.e|viz)\.\s*$/i;
const INITIAL = /(?:^|[\s.])(?!I\.)\p{Lu}\.\s*$/u;
/** "No. 5", "1. Mix the flour." and "in two steps: 1. mix": the number belongs to what follows. */
const NUMBERED = /(?:^|[\n:;,])\s*\(?\d{1,3}[.)]\s*$/;
const NUMBER_SIGN = /(?:^|\s)(?:no|nos)\.\s*$/i;

/**
 * Splits a text that arrives in pieces into what can be spoken, each piece as soon as its end is sure: when a letter
 * follows a full stop that is none of an abbreviation, an initial or a list number. Where the pieces of the input end
 * makes no difference, and all output joined is the input, blanks included: trim before speaking.
 */
export function createSentenceSplitter(longest = SOFT_LIMIT): { push(delta: string): string[]; flush(): string[] } {
  let pending = '';
  const take = (final: boolean): string[] => {
    const out: string[] = [];
    for (let end = endOf(pending, longest, final); end > 0; end = endOf(pending, longest, final)) {
      out.push(pending.slice(0, end));
      pending = pending.slice(end);
    }
    return out;
  };
  return {
    push(delta) {
      pending += delta;
      return take(false);
    },
    flush: () => take(true),
  };
}

/** The sentences of a whole text, however long; joined they are the text. */
export function sentencesOf(text: string): string[] {
  const splitter = createSentenceSplitter(Number.POSITIVE_INFINITY);
  return [...splitter.push(text), ...splitter.flush()];
}

/** A terminator with a letter somewhere after it: without one there is no end to look for. */
const MAY_END = /[.!?…。！？\n][^\p{L}]*\p{L}/u;

/** Where the first piece ends, 0 while that isn't sure. */
function endOf(pending: string, longest: number, final: boolean): number {
  if (!final && pending.length <= longest && !MAY_END.test(pending)) return 0;
  const lastLetter = pending.search(/\p{L}[^\p{L}]*$/u);
  let end = 0;
  let unsure = 0;
  for (const { segment, index } of segmenter.segment(pending)) {
    if (end > 0 && endsHere(pending.slice(Math.max(0, end - LOOK_BACK), end), pending.slice(end, end + 1))) {
      if (lastLetter >= end) break;
      unsure ||= end;
    }
    end = index + segment.length;
  }
  const mayWait = unsure <= longest && pending.length <= 4 * longest;
  if (!final && unsure > 0 && mayWait && end === pending.length) return 0;
  if (end > longest) return softEnd(pending, longest);
  return end < pending.length || final ? end : 0;
}

/** `said` is the end of what would be said, `next` the character after it. */
const endsHere = (said: string, next: string): boolean =>
  said.trim() !== '' &&
  !ABBREVIATED.test(said) &&
  !INITIAL.test(said) &&
  !NUMBERED.test(said) &&
  !(NUMBER_SIGN.test(said) && /\d/.test(next));

/** After the last comma that leaves enough before it, else after the last blank, else in the middle of the word. */
function softEnd(pending: string, longest: number): number {
  const head = pending.slice(0, longest);
  const comma = Math.max(...[', ', '; ', ': ', ' – ', ' — '].map((sign) => head.lastIndexOf(sign) + sign.length));
  if (comma >= SHORTEST_PIECE) return comma;
  const blank = head.search(/\s\S*$/) + 1;
  if (blank > 0 && head.slice(0, blank).trim() !== '') return blank;
  const splitsPair = /[\uD800-\uDBFF]$/.test(head);
  return splitsPair ? longest - 1 : longest;
}
