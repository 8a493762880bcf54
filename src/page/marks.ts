export type Mark = 'accepted' | 'firstWord' | 'firstSound' | 'done';

/** When a turn came to what, as the learner perceived it: milliseconds from the end of speech, or of writing. */
export interface Marks {
  /** Sets the zero, a `performance.now()`; until then everything counts from the moment the marks were made. */
  endOfSpeech(at: number): void;
  /** Notes a first time; later calls change nothing. `at` is a `performance.now()`, now unless told. */
  set(mark: Mark, at?: number): void;
  /** Undefined for what has not come to pass; never negative. */
  get(mark: Mark): number | undefined;
}

export function createMarks(): Marks {
  let zero = performance.now();
  const times = new Map<Mark, number>();
  return {
    endOfSpeech(at) {
      zero = at;
    },
    set(mark, at = performance.now()) {
      if (!times.has(mark)) times.set(mark, at);
    },
    get(mark) {
      const at = times.get(mark);
      return at === undefined ? undefined : Math.max(0, at - zero);
    },
  };
}
