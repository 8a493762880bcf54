import { isContent, plain, stem, wordsIn } from './words.ts';

/** A topic is at most this many words. */
const LONGEST = 3;

/** `whole`: said with nothing but stop words or punctuation around it. */
type Candidate = { stems: string[]; count: number; whole: boolean; at: number; forms: Map<string, number> };

/**
 * What the texts are about: up to `max` words or short phrases, the most said first. A phrase is content words that stood
 * side by side, two of them alone or more than once; it stands for its words, which are then no topics of their own.
 * Never a stop word; spelled as it was said most often, so that `tcp` from a recogniser comes back as the `TCP` of a reply.
 */
export function topics(texts: readonly string[], max: number): string[] {
  const candidates = new Map<string, Candidate>();
  let at = 0;
  for (const text of texts) {
    for (const run of runsIn(text)) {
      for (let start = 0; start < run.length; start++) {
        at += 1;
        for (let length = 1; length <= LONGEST && start + length <= run.length; length++) {
          note(candidates, run.slice(start, start + length), at, length === run.length);
        }
      }
    }
  }
  const worth = [...candidates.values()].filter(
    ({ stems: { length }, count, whole }) => length === 1 || count > 1 || (length === 2 && whole),
  );
  worth.sort((a, b) => weight(b) - weight(a) || a.at - b.at);

  const chosen: Candidate[] = [];
  const taken = new Set<string>();
  for (const candidate of worth) {
    if (chosen.length >= max) break;
    if (candidate.stems.some((word) => taken.has(word))) continue;
    chosen.push(candidate);
    for (const word of candidate.stems) taken.add(word);
  }
  return chosen.map(spelling);
}

/** Words told by a phrase; less a little, so that a phrase said once comes after a word said twice. */
const weight = ({ stems: { length }, count }: Candidate): number => count * length - (length - 1) / 2;

/** Runs of content words with nothing between them: no stop word, no punctuation. */
function runsIn(text: string): string[][] {
  const runs: string[][] = [];
  for (const phrase of plain(text).split(/[.!?](?=\s|$)|[,;:"“”()[\]\n…—–/|]+|\s-\s/u)) {
    let run: string[] = [];
    for (const [position, word] of wordsIn(phrase).entries()) {
      if (!isContent(word)) {
        runs.push(run);
        run = [];
      } else if (position === 0 && /^\p{Lu}\p{Ll}+$/u.test(word)) {
        run.push(word.toLowerCase());
      } else run.push(word);
    }
    runs.push(run);
  }
  return runs.filter((run) => run.length > 0);
}

function note(candidates: Map<string, Candidate>, words: string[], at: number, whole: boolean): void {
  const stems = words.map(stem);
  if (new Set(stems).size < stems.length) return;
  const key = stems.join(' ');
  const candidate = candidates.get(key) ?? { stems, count: 0, whole: false, at, forms: new Map() };
  const form = words.join(' ');
  candidate.count += 1;
  candidate.whole ||= whole;
  candidate.forms.set(form, (candidate.forms.get(form) ?? 0) + 1);
  candidates.set(key, candidate);
}

/** The form said most often; one with a capital in it wins over the same in lower case, whatever its number. */
function spelling({ forms }: Candidate): string {
  const said = [...forms.entries()];
  const [most = ''] = said.reduce((best, form) => (form[1] > best[1] ? form : best), said[0] ?? ['', 0]);
  return said.find(([form]) => form !== form.toLowerCase() && form.toLowerCase() === most.toLowerCase())?.[0] ?? most;
}
