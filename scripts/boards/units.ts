import type { Field, Mapping } from './grafana.ts';

type Scale = readonly (readonly [factor: number, suffix: string])[];

const TIME: Scale = [
  [86_400, ' d'],
  [3600, ' h'],
  [60, ' min'],
  [1, ' s'],
  [1e-3, ' ms'],
  [1e-6, ' µs'],
];
const COUNT: Scale = [
  [1e9, ' G'],
  [1e6, ' M'],
  [1e3, ' k'],
  [1, ''],
];
const BYTES: Scale = [
  [2 ** 30, ' GiB'],
  [2 ** 20, ' MiB'],
  [2 ** 10, ' KiB'],
  [1, ' B'],
];

const scaled =
  (scale: Scale, after = '') =>
  (value: number): string => {
    const fits = scale.find(([factor]) => Math.abs(value) >= factor * 0.9995) ?? scale.at(-1);
    const [factor, suffix] = (value === 0 ? scale.find(([one]) => one === 1) : fits) as Scale[number];
    return `${digits(value / factor)}${suffix}${after}`;
  };

/** Cents; none from a hundred dollars on, and for less than ten cents as many places as show two digits. */
const dollars = (value: number): string => {
  const size = Math.abs(value);
  if (size === 0 || size >= 0.1) return `$${value.toFixed(size >= 100 ? 0 : 2)}`;
  return `$${value.toFixed(Math.min(7, 1 - Math.floor(Math.log10(size))))}`;
};

/** Grafana's names of units, as far as the boards use them. */
const UNITS: Record<string, (value: number) => string> = {
  short: scaled(COUNT),
  s: scaled(TIME),
  bytes: scaled(BYTES),
  reqps: scaled(COUNT, ' req/s'),
  ops: scaled(COUNT, ' ops/s'),
  cps: scaled(COUNT, '/s'),
  mps: scaled(COUNT, ' msg/s'),
  percentunit: (value) => `${digits(value * 100)} %`,
  currencyUSD: dollars,
};

/** A value as Grafana would show it: the text it is mapped to, or in the field's unit; an unknown unit is an error. */
export function format(value: number, field: Field): string {
  return mapped(value, field.mappings)?.text ?? inUnit(value, field.unit);
}

/** A value in a unit, mappings or none. */
export function inUnit(value: number, unit = 'short'): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const suffix = /^suffix:\s*(.*)$/.exec(unit)?.[1];
  const write = suffix === undefined ? UNITS[unit] : scaled(COUNT, suffix.startsWith('/') ? suffix : ` ${suffix}`);
  if (!write)
    throw new Error(`the unit ${unit} is not known here; known are ${Object.keys(UNITS).join(', ')}, suffix:…`);
  return write(value).replace(/^(\$?)-/, '−$1');
}

/** The text and colour that a mapping gives a value. */
export function mapped(value: number, mappings: Mapping[] = []): { text?: string; color?: string } | undefined {
  const strange = mappings.find(({ type }) => type !== 'value');
  if (strange) throw new Error(`a mapping is of the type ${strange.type}; only value is known here`);
  return mappings.find(({ options }) => `${value}` in options)?.options[`${value}`];
}

/** Three digits that count, without idle zeros. */
function digits(value: number): string {
  return Math.abs(value) >= 100 ? `${Math.round(value)}` : `${Number(value.toPrecision(3))}`;
}
