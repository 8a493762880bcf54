/** Numbers in 0..1 that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pick = <T>(random: () => number, from: readonly T[]): T => {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};

const PIECES = [
  ...'recursion the a stack Heap TCP why is it I understand bye um Dr. e.g. 3.14 1. No. J. U.S.'.split(' '),
  ..."don't don’t c++ node.js naïve 日本語。 👍 🧑‍🚀 \ud83d 5 https://x.org/?a=1".split(' '),
  ...'. ? ! , ; : … " ( ) - — ** # ` \n \n\n'.split(' '),
  '  ',
];

/** A text of odd pieces: words, marks, numbers, emoji, half a surrogate pair. */
export function oddText(random: () => number, longest: number): string {
  let text = '';
  for (let left = Math.floor(random() * longest); left > 0; left--) {
    text += pick(random, PIECES) + (random() < 0.7 ? ' ' : '');
  }
  return text;
}
