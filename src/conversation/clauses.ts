import { plain } from './words.ts';

const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['.][\p{L}\p{M}\p{N}]+)*/gu;

/** Contractions as some recognisers write them, where no other word is spelled so. */
const BARE =
  /\b(?:(that|what|who|where|how|there|here)(s)|(i)(m|ve)|(you|they)(re|ve|ll)|(do|does|did|is|are|was|were|has|have|could|should|would|ca)n(t))\b/g;
const apostrophes = (text: string): string =>
  text.replace(BARE, (...found: (string | undefined)[]) => {
    const [, a, s, i, m, you, re, verb] = found;
    return verb ? `${verb}n't` : `${a ?? i ?? you}'${s ?? m ?? re}`;
  });

/** A text in sentences, each in clauses at its commas, each clause its words in lower case with one blank between; the empty ones gone. */
export function clausesIn(text: string): string[][] {
  return apostrophes(plain(text).toLowerCase())
    .split(/[!?؟;:\n…—–()]+|\.+(?=\s|$|["'])/u)
    .map((sentence) =>
      sentence
        .split(',')
        .map((clause) => (clause.match(WORD) ?? []).join(' '))
        .filter((clause) => clause !== ''),
    )
    .filter((clauses) => clauses.length > 0);
}

/** Courtesy and filler around what is meant: alone it says nothing, and it goes on either side of a goodbye. */
const COURTESY = [
  'thank you(?: so much| very much| again| all)?|thanks(?: a lot| a bunch| a million| so much| again)?|many thanks|cheers',
  'for (?:everything|(?:your|the|all the|all your) (?:help|time|lesson|chat|explanation)|this|that|now|today|tonight)',
  "that was (?:really |very |so )?(?:great|helpful|fun|useful|good|nice|interesting|amazing)|i (?:really )?appreciate it|you've been (?:great|very helpful|helpful)",
  'ok|okay|all right|alright|right|well|so|um|uh|uhm|er|hm|hmm|oh|ah|yeah|yes|yep|no|nope|nah|great|cool|perfect|awesome',
  'nice|good|fine|sure|anyway|anyways|and|but|then|now|just|please|sorry|hey|hi|hello|actually|really|wow|excellent',
  'claude|my friend|friend|folks|everyone|everybody|all|today|tonight|here|again|too|you too',
].join('|');
const STARTS_COURTEOUS = new RegExp(`^(?:${COURTESY})(?: |$)`);

/** The clause without the courtesy that it starts with. */
export function afterCourtesy(clause: string): string {
  let rest = clause;
  for (let found = STARTS_COURTEOUS.exec(rest); found; found = STARTS_COURTEOUS.exec(rest)) {
    rest = rest.slice(found[0].length);
  }
  return rest;
}
