/** Samples of PCM16 as numbers of -1..1. */
export function floats({ bytes }: { bytes: Uint8Array }): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length >> 1 }, (_, i) => view.getInt16(2 * i, true) / 32_768);
}

/** How alike what was said and what was recorded are, 0..1, at the shift at which they are most alike. */
export function correlation(said: number[], recorded: number[]): number {
  // A coarse look first, for the shift: loudness per 4 ms.
  const envelope = (samples: number[]) => {
    const found = new Float64Array(Math.floor(samples.length / 64));
    for (const slot of found.keys())
      for (let i = 0; i < 64; i++) found[slot] = (found[slot] ?? 0) + Math.abs(samples[64 * slot + i] ?? 0);
    return [...found];
  };
  const [a, b] = [envelope(said), envelope(recorded)];
  const rough = best(a, b, 0, b.length - a.length).shift * 64;
  return best(said, recorded, rough - 96, rough + 96).value;
}

function best(a: number[], b: number[], from: number, to: number): { shift: number; value: number } {
  let found = { shift: 0, value: 0 };
  for (let shift = from; shift <= to; shift++) {
    let [product, left, right] = [0, 0, 0];
    for (const [i, x] of a.entries()) {
      const y = b[i + shift] ?? 0;
      product += x * y;
      left += x * x;
      right += y * y;
    }
    const value = product / Math.sqrt(left * right || 1);
    if (value > found.value) found = { shift, value };
  }
  return found;
}
