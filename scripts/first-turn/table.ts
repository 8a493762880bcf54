import { NUMBERS, type View } from './windows.ts';

/** Floating sums in different orders differ in their last digits. */
const USD_TOLERANCE = 1e-9;

export type Windows = Record<string, View>;

/** How far each window moved. */
export function moved(before: Windows, after: Windows): Windows {
  const difference = (name: string, view: View) =>
    view.map((value, index) => (value === undefined ? undefined : value - (before[name]?.[index] ?? 0)));
  return Object.fromEntries(Object.entries(after).map(([name, view]) => [name, difference(name, view)]));
}

export function same(a: View, b: View): boolean {
  return a.every((value, index) => equal(value, b[index]));
}

/** One line for each number, with ✓ where all the windows that have it agree. */
export function table(windows: Windows): string[] {
  const names = Object.keys(windows);
  const head = `${''.padEnd(36)}${names.map((name) => name.padStart(14)).join('')}`;
  const rows = NUMBERS.map(({ title }, index) => {
    const cells = names.map((name) => show(windows[name]?.[index]).padStart(14)).join('');
    return `${title.padEnd(36)}${cells}  ${disagreement(windows, index) === undefined ? '✓' : '✗'}`;
  });
  return [head, ...rows];
}

/** What does not agree, each with its values. */
export function disagreements(windows: Windows): string[] {
  return NUMBERS.map((_number, index) => disagreement(windows, index)).filter((line) => line !== undefined);
}

function disagreement(windows: Windows, index: number): string | undefined {
  const known = Object.entries(windows)
    .map(([name, view]) => [name, view[index]] as const)
    .filter(([, value]) => value !== undefined);
  if (known.every(([, value]) => equal(value, known[0]?.[1]))) return undefined;
  return `${NUMBERS[index]?.title}: ${known.map(([name, value]) => `${show(value)} in ${name}`).join(', ')}`;
}

function equal(a: number | undefined, b: number | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && Math.abs(a - b) < USD_TOLERANCE);
}

function show(value: number | undefined): string {
  if (value === undefined) return '–';
  if (Number.isNaN(value)) return 'missing';
  return Number.isInteger(value) ? String(value) : value.toFixed(9).replace(/0+$/, '');
}
