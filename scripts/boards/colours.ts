import type { Field } from './grafana.ts';
import { mapped } from './units.ts';

/** Ten hues that stay apart in print and for the colour-blind (Okabe and Ito's, darkened for white paper). */
const PALETTE = [
  '#2563ab',
  '#d97706',
  '#0f8f6f',
  '#c0407f',
  '#6d5bd0',
  '#5c8fd6',
  '#a16207',
  '#4d7c0f',
  '#be3a34',
  '#64748b',
];

const NAMED: Record<string, string> = {
  green: '#15915f',
  yellow: '#c79a00',
  orange: '#d9720b',
  red: '#cf3a3a',
  blue: '#2563ab',
  purple: '#6d5bd0',
  text: '#1f2937',
  gray: '#64748b',
  transparent: 'transparent',
};

/** A colour as Grafana names it (`dark-red`, `#rgb`), in this page's tone. */
export const toned = (color: string): string =>
  NAMED[color.replace(/^(super-light|semi-dark|light|dark)-/, '')] ?? color;

/** The colour that a value is mapped to, or of the highest level that it reaches. */
export function levelColour(value: number, field: Field): string {
  const step = field.thresholds?.steps.findLast(({ value: level }) => level === null || value >= level);
  return toned(mapped(value, field.mappings)?.color ?? step?.color ?? 'text');
}

/** The colour of a curve: its own or a shade of it when it has one, else the next of the palette. */
export function seriesColour(field: Field, index: number): string {
  const { mode, fixedColor } = field.color ?? {};
  if (mode === 'fixed' && fixedColor) return toned(fixedColor);
  if (mode === 'shades' && fixedColor) return lighter(toned(fixedColor), (index % 4) * 0.18);
  return PALETTE[index % PALETTE.length] as string;
}

/** `#rrggbb`, so much of the way (0 to 1) to white. */
const lighter = (color: string, share: number): string =>
  color.replace(/[0-9a-f]{2}/gi, (hex) => {
    const tone = Number.parseInt(hex, 16);
    return Math.round(tone + (255 - tone) * share)
      .toString(16)
      .padStart(2, '0');
  });
