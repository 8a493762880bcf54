import type { Sample } from './measure.ts';
import type { Mode } from './stack.ts';

const MODES: Mode[] = ['off', 'on'];

/** The tables that `npm run bench` prints. */
export function report({ saturated, live }: { saturated: Sample[]; live: Sample[] }): string {
  const parts = [NOTES];
  if (live.length > 0) {
    parts.push(
      `${live[0]?.sessions} talks in real time (transcription 300 ms, 20 ms a token)\n`,
      table([[...LIVE_HEAD], ...live.map(liveRow)]),
    );
  }
  if (saturated.length > 0) {
    const sizes = [...new Set(saturated.map(({ sessions }) => sessions))];
    const rows = sizes.flatMap((size) => sizeRows(saturated.filter(({ sessions }) => sessions === size)));
    parts.push('Saturated: every learner speaks again as soon as the reply is there\n', table([[...HEAD], ...rows]));
  }
  return `\n${parts.join('\n')}`;
}

const NOTES = `A turn is 3 s of sound in 30 acknowledged chunks, transcription, a streamed reply, and its row in SQLite.
overhead  = the reply's total_ms less what its two provider calls took in the sandbox, each from the last byte of its
            request to the last byte of its answer. Left in: the agent's own work and queues, the upload, loopback, fsync.
as heard  = the same from the client's side: from the last chunk sent to the reply received.
CPU/turn  = CPU of the agent process, all threads (in brackets: its JavaScript thread). 1000 / CPU = turns/s a core.
cores     = how much of a core each process took; "others" is what the machine did besides.
`;

const CORES = ['agent', 'sandbox', 'learners', 'collector', 'others'] as const;
const LATENCY = ['overhead p50', 'p95', 'p99 ms', 'as heard p50', 'p99 ms'] as const;
const HEAD = [
  'sessions',
  'telemetry',
  'turns/s',
  'CPU/turn ms',
  'turns/s a core',
  ...LATENCY,
  `cores: ${CORES.join(' ')}`,
];
const LIVE_HEAD = ['telemetry', 'turns/s', 'CPU/turn ms', ...LATENCY, 'memory MB', `cores: ${CORES.join(' ')}`];

function sizeRows(samples: Sample[]): string[][] {
  const of = (mode: Mode) => samples.filter((sample) => sample.mode === mode);
  const rows = MODES.map((mode) => {
    const own = of(mode);
    const middle = (read: (sample: Sample) => number) => median(own.map(read));
    const cpu = middle(({ cpuMsPerTurn }) => cpuMsPerTurn);
    return [
      String(own[0]?.sessions),
      mode,
      middle(({ turnsPerS }) => turnsPerS).toFixed(0),
      `${cpu.toFixed(2)} (${middle(({ mainMsPerTurn }) => mainMsPerTurn).toFixed(2)})`,
      (1000 / cpu).toFixed(0),
      ...latency(own),
      CORES.map((name) => middle(({ cores }) => cores[name]).toFixed(2)).join(' '),
    ];
  });
  const [off, on] = [of('off'), of('on')];
  const ratios = (read: (sample: Sample) => number) =>
    off.map((sample, round) => read(on[round] as Sample) / read(sample));
  const speed = ratios(({ turnsPerS }) => turnsPerS);
  const cheap = ratios(({ cpuMsPerTurn }) => 1 / cpuMsPerTurn);
  return [...rows, [String(off[0]?.sessions), 'on/off', shown(speed), '', shown(cheap)]];
}

function liveRow(sample: Sample): string[] {
  return [
    sample.mode,
    sample.turnsPerS.toFixed(1),
    `${sample.cpuMsPerTurn.toFixed(2)} (${sample.mainMsPerTurn.toFixed(2)})`,
    ...latency([sample]),
    sample.peakMb.toFixed(0),
    CORES.map((name) => sample.cores[name].toFixed(2)).join(' '),
  ];
}

function latency(samples: Sample[]): string[] {
  const own = samples.flatMap(({ overheadMs }) => overheadMs);
  const heard = samples.flatMap(({ seenOverheadMs }) => seenOverheadMs);
  const shares: [number[], number][] = [
    [own, 0.5],
    [own, 0.95],
    [own, 0.99],
    [heard, 0.5],
    [heard, 0.99],
  ];
  return shares.map(([values, share]) => quantile(values, share).toFixed(1));
}

/** The median of the rounds' ratios, and how far they lie apart. */
function shown(ratios: number[]): string {
  return `${median(ratios).toFixed(3)} [${Math.min(...ratios).toFixed(2)}..${Math.max(...ratios).toFixed(2)}]`;
}

const median = (values: number[]): number => quantile(values, 0.5);

/** Linear interpolation between the closest ranks. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  return low + ((sorted[Math.ceil(at)] ?? low) - low) * (at - Math.floor(at));
}

/** Rows of cells, the heading first, as columns with their right edges in line. */
export function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: string[]) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ');
  return `${rows.map(line).join('\n')}\n`;
}
