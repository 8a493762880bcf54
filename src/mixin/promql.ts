import type { MetricDefinition, MetricKind } from '../telemetry/catalog/define.ts';
import { catalog } from '../telemetry/catalog/index.ts';
import { foreign } from './foreign.ts';
import { prometheusNameOf } from './names.ts';

/** Every metric that an expression may name. */
export const vocabulary = { ...catalog, ...foreign };
type Vocabulary = typeof vocabulary;
export type MetricName = keyof Vocabulary & string;
type NameOf<K extends MetricKind> = {
  [N in MetricName]: Vocabulary[N]['kind'] extends K ? N : never;
}[MetricName];
export type CounterName = NameOf<'counter'>;
export type HistogramName = NameOf<'histogram'>;
export type GaugeName = NameOf<'gauge' | 'updown'>;

/** A metric's own labels, and the two that tell agents apart. */
export type LabelOf<N extends MetricName> = (keyof Vocabulary[N]['labels'] & string) | 'job' | 'instance';
type ValueOf<N extends MetricName, L> = L extends keyof Vocabulary[N]['labels']
  ? Vocabulary[N]['labels'][L] extends readonly (infer V extends string)[]
    ? V
    : string
  : string;

type Matcher<V extends string> = V | readonly V[] | RegExp | { readonly not: V | readonly V[] };
export type Where<N extends MetricName> = { readonly [L in LabelOf<N>]?: Matcher<ValueOf<N, L>> };

/** A PromQL duration; Grafana's windows are allowed where a board asks. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`;
export type Window = Duration | '$__rate_interval' | '$__range';

export type Options<N extends MetricName> = {
  /** Only the series with these labels. A list means any of them; a regular expression must match a known value. */
  where?: Where<N>;
  /** The labels that the result keeps; left out, those that the dialect was made with. */
  by?: readonly LabelOf<N>[];
};

export type Aggregate = 'sum' | 'max' | 'min' | 'avg' | 'count';

/** PromQL over the catalog: a name, a label or a closed label value that it does not hold does not compile. */
export type PromQl = {
  /** Events a second, summed. */
  rate<N extends CounterName>(counter: N, window: Window, options?: Options<N>): string;
  /** Events in the window, summed. */
  increase<N extends CounterName>(counter: N, window: Window, options?: Options<N>): string;
  /** Share (0 to 1) of a counter's events that are `part`; 0 when none is, no sample when there were no events at all. */
  share<N extends CounterName>(
    counter: N,
    window: Window,
    options: Options<N> & { part: Where<N>; whole?: Where<N> },
  ): string;
  /** A quantile (0 to 1) over all series of a histogram; NaN while it is idle. */
  quantile<N extends HistogramName>(quantile: number, histogram: N, window: Window, options?: Options<N>): string;
  /** The mean of what a histogram recorded; no sample while it is idle. */
  mean<N extends HistogramName>(histogram: N, window: Window, options?: Options<N>): string;
  /** Recordings of a histogram in the window. */
  recorded<N extends HistogramName>(histogram: N, window: Window, options?: Options<N>): string;
  /** Recordings a second, by bucket: for heatmaps. */
  buckets<N extends HistogramName>(histogram: N, window: Window, options?: Options<N>): string;
  /** A gauge as it is now, aggregated. */
  gauge<N extends GaugeName>(aggregate: Aggregate, gauge: N, options?: Options<N>): string;
  /** The bare selector, with a range when a window is given; nothing is aggregated. */
  series<N extends CounterName | GaugeName>(name: N, where?: Where<N>, window?: Window): string;
};

/** A dialect of it: `scope` is put into every selector (boards: their variables), `by` is kept by default (rules: the job). */
export function promql({ scope = '', by: kept = [] }: { scope?: string; by?: readonly string[] } = {}): PromQl {
  const select = (name: MetricName, where: object = {}, suffix = '') =>
    `${exposed(name)}${suffix}${braces([...matchers(name, where), ...(scope ? [scope] : [])])}`;
  const over = (aggregate: string, by: readonly string[] = kept) =>
    by.length > 0 ? `${aggregate} by (${by.map(underscored).join(', ')}) ` : aggregate;
  const rates = (name: MetricName, window: Window, options: Options<never> = {}, suffix = '', more: string[] = []) =>
    `${over('sum', [...more, ...(options.by ?? kept)])}(rate(${select(name, options.where, suffix)}[${window}]))`;

  return {
    rate: (name, window, options) => rates(name, window, options as never),
    increase: (name, window, { where, by } = {}) => `${over('sum', by)}(increase(${select(name, where)}[${window}]))`,
    share(name, window, { part, whole, where, by }) {
      const all = rates(name, window, { where: { ...where, ...whole }, by } as never);
      const some = rates(name, window, { where: { ...where, ...part }, by } as never);
      return `(${some} or 0 * ${all}) / (${all} > 0)`;
    },
    quantile: (quantile, name, window, options) =>
      `histogram_quantile(${quantile}, ${rates(name, window, options as never, '_bucket', ['le'])})`,
    mean(name, window, options) {
      const [sum, count] = ['_sum', '_count'].map((suffix) => rates(name, window, options as never, suffix));
      return `${sum} / (${count} > 0)`;
    },
    recorded: (name, window, { where, by } = {}) =>
      `${over('sum', by)}(increase(${select(name, where, '_count')}[${window}]))`,
    buckets: (name, window, options) => rates(name, window, options as never, '_bucket', ['le']),
    gauge: (aggregate, name, { where, by } = {}) => `${over(aggregate, by)}(${select(name, where)})`,
    series: (name, where, window) => `${select(name, where)}${window ? `[${window}]` : ''}`,
  };
}

/** Counters that are born with their first event grow from nothing: `increase()` is blind to it, presence is not. */
export const bornWithin = (selector: string, window: Duration, offset: Duration): string =>
  // NOTE: looking back over a window, not at a moment, because a scrape may have failed just then.
  `(${selector} > 0 unless last_over_time(${selector}[${window}] offset ${offset}))`;

const exposed = (name: MetricName): string => prometheusNameOf(name, vocabulary[name]);
const underscored = (label: string): string => label.replaceAll('.', '_');
const braces = (parts: string[]): string => (parts.length > 0 ? `{${parts.join(', ')}}` : '');

function matchers(name: MetricName, where: object): string[] {
  const { labels } = vocabulary[name] as MetricDefinition;
  return Object.entries(where as Record<string, Matcher<string>>).map(([label, matcher]) => {
    const key = underscored(label);
    if (typeof matcher === 'string') return `${key}="${matcher}"`;
    if (matcher instanceof RegExp) return `${key}=~"${alive(name, label, labels[label], matcher)}"`;
    if (!('not' in matcher)) return `${key}=~"${matcher.join('|')}"`;
    return typeof matcher.not === 'string' ? `${key}!="${matcher.not}"` : `${key}!~"${matcher.not.join('|')}"`;
  });
}

/** The expression as Prometheus takes it, anchored; throws when it can match no value of a closed label. */
function alive(name: string, label: string, values: MetricDefinition['labels'][string] | undefined, matcher: RegExp) {
  const anchored = new RegExp(`^(?:${matcher.source})$`);
  if (values && !('max' in values) && !values.some((value) => anchored.test(value)))
    throw new Error(`${name} has no ${label} that matches ${matcher.source}; it has ${values.join(', ')}`);
  // NOTE: a PromQL string takes a backslash as an escape of its own.
  return matcher.source.replaceAll('\\', '\\\\');
}
