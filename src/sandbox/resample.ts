import type { Pcm } from './wav.ts';

const ZERO_CROSSINGS = 16;
const kernels = new Map<string, Float32Array>();

/**
 * Changes the sample rate with a polyphase windowed-sinc filter (Smith, "Digital Audio Resampling"):
 * 16 zero crossings each side, Blackman window, cut-off at the lower of the two Nyquist rates so that nothing aliases.
 */
export function resample({ samples, rate }: Pcm, target: number): Pcm {
  if (rate === target) return { samples, rate };
  const divisor = gcd(rate, target);
  const up = target / divisor;
  const down = rate / divisor;
  const half = Math.ceil(ZERO_CROSSINGS * Math.max(1, rate / target));
  const kernel = kernelFor(up, down, half);
  const taps = 2 * half;
  const out = new Int16Array(Math.floor((samples.length * up) / down));
  for (let n = 0, index = 0, phase = 0; n < out.length; n++) {
    const first = index - half + 1;
    const from = Math.max(0, -first);
    const to = Math.min(taps, samples.length - first);
    let sum = 0;
    for (let tap = from, k = phase * taps + from; tap < to; tap++, k++) {
      sum += (samples[first + tap] as number) * (kernel[k] as number);
    }
    out[n] = Math.max(-32768, Math.min(32767, Math.round(sum)));
    phase += down;
    index += Math.floor(phase / up);
    phase %= up;
  }
  return { samples: out, rate: target };
}

/** One row of taps for each fractional position between two input samples, each row summing to one. */
function kernelFor(up: number, down: number, half: number): Float32Array {
  const key = `${up}/${down}`;
  const known = kernels.get(key);
  if (known) return known;
  const cutoff = Math.min(1, up / down);
  const taps = 2 * half;
  const kernel = new Float32Array(up * taps);
  for (let phase = 0; phase < up; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const x = tap - half + 1 - phase / up;
      const window = 0.42 + 0.5 * Math.cos((Math.PI * x) / half) + 0.08 * Math.cos((2 * Math.PI * x) / half);
      const value = sinc(x * cutoff) * Math.max(0, window);
      kernel[phase * taps + tap] = value;
      sum += value;
    }
    const row = kernel.subarray(phase * taps, (phase + 1) * taps);
    row.set(row.map((value) => value / sum));
  }
  if (kernels.size >= 8) kernels.clear();
  kernels.set(key, kernel);
  return kernel;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
