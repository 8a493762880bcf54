import { crc32 } from 'node:zlib';
import { type AlertName, CONFIG, type Severity } from '../config.ts';
import { type HistogramName, type Options, type PromQl, promql, type Window } from '../promql.ts';

/** A board as data: rows of panels from left to right. What Grafana makes of it is grafana.ts' business. */
export type Board = { uid: string; title: string; description: string; rows: readonly Row[] };

/** Panels of one height, in Grafana's units of some 30 pixels; they wrap at the right edge. */
export type Row = { title: string; height?: number; panels: readonly Panel[] };

export type Kind = 'lines' | 'stacked' | 'number' | 'states' | 'heatmap' | 'table' | 'traces';

export type Panel = {
  /** Gives the panel its id, which links point at: it stays when the panel moves. */
  key: string;
  title: string;
  /** What it means to an operator. */
  help: string;
  kind: Kind;
  /** One for the whole panel, so that seconds and rates never share an axis. */
  unit: Unit;
  queries: readonly Query[];
  /** Width of the board's 24 columns. */
  width: number;
  /** Why there may be nothing to see. */
  noValue: string;
  /** Levels at which an alert would fire. */
  thresholds?: readonly Threshold[];
  /** Alerts that this panel explains: they link to it, and it links to their runbook. */
  alerts?: readonly AlertName[];
  /** Why it rightly gives no data in a healthy system. */
  exempt?: string;
  min?: number;
  max?: number;
  /** Lines: where the axis begins unless they go lower; 0. */
  softMin?: number;
  /** Tables: the value is always the same and not worth a column. */
  labelsOnly?: true;
  /** Tables: where a row leads. */
  rowLink?: { title: string; url: string };
  /** Colours of series whose names have a meaning; a key between slashes is a regular expression. */
  colours?: Readonly<Record<string, string>>;
};

/** Grafana's names of units. */
export type Unit =
  | 'short'
  | 's'
  | 'percentunit'
  | 'currencyUSD'
  | 'bytes'
  | 'reqps'
  | 'ops'
  | 'cps'
  | 'mps'
  | 'up'
  | `suffix:${string}`;

export type Query = {
  /** PromQL, or TraceQL in a panel of traces. */
  expr: string;
  legend: string;
  /** Points of it link to the traces that made them. */
  exemplars?: true;
};

export type Threshold = { at: number; side: 'above' | 'below'; severity: Severity };

const agents = promql({ scope: 'job=~"$job", instance=~"$instance"' });
/** The metrics of the agents that are picked. */
export const q: PromQl = {
  ...agents,
  // The quantile of an idle histogram is NaN, which is not >= 0: its line ends, and the panel says why it is empty.
  quantile: <N extends HistogramName>(quantile: number, histogram: N, window: Window, options?: Options<N>) =>
    `${agents.quantile(quantile, histogram, window, options)} >= 0`,
};
/** The collector's metrics about itself: picking an agent does not change them. */
export const collector = promql({ scope: 'job="otel-collector"' });
/** Prometheus' own metrics about the two targets that bring ours; it may have others' too. */
export const targets = promql({ scope: 'job=~"otlp|otel-collector"' });
/** Our alerts that fire, by the label that the rules give them; Prometheus may have others' too. */
export const firing = (...where: string[]): string =>
  `ALERTS{${['alertstate="firing"', `service="${CONFIG.job}"`, ...where].join(', ')}}`;
/** A recorded series; rules record by job, all instances together. */
export const recordedAs = (name: string): string => `${name}{job=~"$job"}`;

/** The level of an alert, as the rules have it; throws for an alert without one. */
export function levelOf(name: AlertName): Threshold {
  const config = CONFIG.alerts[name] as { severity: Severity; above?: number; below?: number; from?: number };
  const { severity, above, from, below } = config;
  if (below !== undefined) return { at: below, side: 'below', severity };
  const at = above ?? from;
  if (at === undefined) throw new Error(`${name} has no level in config.ts: no above, from or below`);
  return { at, side: 'above', severity };
}

/** From one event on; a half, because increase() extrapolates. */
export const anyOf = (severity: Severity): Threshold => ({ at: 0.5, side: 'above', severity });

/** Less than one of what has to be there. */
export const none = (severity: Severity): Threshold => ({ at: 1, side: 'below', severity });

/** Events a minute: a voice agent has too few a second to read. */
export const perMinute = (perSecond: string): string => `60 * ${perSecond}`;

/** The same id for the same key, wherever the panel stands. */
export const idOf = (key: string): number => (crc32(key) % 99_999) + 1;

/** A variable of the board, for Grafana to fill in. */
export const variable = (name: string): string => `\${${name}}`;
