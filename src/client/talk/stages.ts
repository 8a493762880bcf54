import type { WireTimings } from '../../edge/protocol.ts';

const WIDTH = 32;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A line for each stage that took time: its bar is its share of the turn, to an eighth of a character. */
export function stageChart({
  total_ms: total,
  stages_ms: stages,
}: Pick<WireTimings, 'total_ms' | 'stages_ms'>): string[] {
  return Object.entries(stages)
    .filter(([, ms]) => ms > 0)
    .map(([stage, ms]) => `${stage.padEnd(11)}${bar(ms / total).padEnd(WIDTH)} ${milliseconds(ms).padStart(9)}`);
}

export function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function bar(share: number): string {
  const eighths = Math.max(1, Math.round(Math.min(share, 1) * WIDTH * 8));
  return '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7];
}
