/** One series of a Prometheus text, its labels in order of their names. */
export type Series = { name: string; labels: Record<string, string>; value: number };

/** Reads the Prometheus text format: every series, without comments. */
export function parsePrometheusText(text: string): Series[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseLine);
}

function parseLine(line: string): Series {
  const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
  if (!match) throw new Error(`not a series: ${line}`);
  const labels: Record<string, string> = {};
  for (const [, label, value] of (match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
    labels[label as string] = value as string;
  }
  return { name: match[1] as string, labels, value: Number((match[3] as string).replace('Inf', 'Infinity')) };
}

/** A series' name and labels as one string, whatever order they came in; `without` leaves labels out. */
export function seriesKey({ name, labels }: Pick<Series, 'name' | 'labels'>, without: readonly string[] = []): string {
  const shown = Object.entries(labels)
    .filter(([label]) => !without.includes(label))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}="${value}"`);
  return shown.length > 0 ? `${name}{${shown.join(',')}}` : name;
}

/** Sum of all series of a name whose labels match. */
export function sumOf(series: readonly Series[], name: string, labels: Record<string, string> = {}): number {
  return series
    .filter((one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
