import { STOP_WORDS } from './stop-words.ts';

const WORD = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['.-][\p{L}\p{M}\p{N}]+)*[+#]*/gu;

/** One form for what keyboards, models and recognisers write differently: curly quotes, full-width signs, non-breaking blanks. */
export const plain = (text: string): string => text.normalize('NFKC').replace(/[‘’‛ʼ`´]/g, "'");

/** The words of a text as they stand in it: `don't`, `node.js`, `long-term` and `c++` are one word each. */
export const wordsIn = (text: string): string[] => plain(text).match(WORD) ?? [];

/** Whether a word can be what a text is about: no stop word in any spelling, no bare number, no single letter. */
export function isContent(word: string): boolean {
  const lower = word.toLowerCase();
  if (/^[\p{N}.-]+(?:st|nd|rd|th|s)?$/u.test(lower) || /^\p{L}$/u.test(lower)) return false;
  return !STOP_WORDS.has(lower) && !lower.split(/['-]/).every((part) => STOP_WORDS.has(part) || part.length < 2);
}

/** The form under which `loop`, `Loops` and `loop's` are the same word; it folds plurals only, so that no two topics merge. */
export function stem(word: string): string {
  const lower = word.toLowerCase().replace(/'s?$/, '');
  if (lower.length < 4 || /(?:ss|us|is)$/.test(lower)) return lower;
  if (/[^aeiou]ies$/.test(lower) && lower.length > 4) return `${lower.slice(0, -3)}y`;
  if (/(?:ss|sh|ch|x|zz)es$/.test(lower)) return lower.slice(0, -2);
  return lower.endsWith('s') ? lower.slice(0, -1) : lower;
}

/** The stems of a text's content words, each once. */
export const contentOf = (text: string): Set<string> => new Set(wordsIn(text).filter(isContent).map(stem));
