const WINDOW_S = 300;

/** Hits among the look-ups of the last 5 minutes, kept in one-second slots; `undefined` while there were none. */
export function createHitRatio(now: () => number = () => performance.now() / 1000) {
  const slots = Array.from({ length: WINDOW_S }, () => ({ second: -1, hits: 0, all: 0 }));
  return {
    add(hit: boolean): void {
      const second = Math.floor(now());
      const index = second % WINDOW_S;
      let slot = slots[index];
      if (slot?.second !== second) slots[index] = slot = { second, hits: 0, all: 0 };
      slot.all += 1;
      if (hit) slot.hits += 1;
    },
    read(): number | undefined {
      const oldest = Math.floor(now()) - WINDOW_S;
      let hits = 0;
      let all = 0;
      for (const slot of slots) {
        if (slot.second <= oldest) continue;
        hits += slot.hits;
        all += slot.all;
      }
      return all === 0 ? undefined : hits / all;
    },
  };
}
