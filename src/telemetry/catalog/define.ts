/** Label values that are not known beforehand: the first `max` distinct ones pass, the rest become `other`. */
export type Bounded = { readonly max: number };

/** A label that only some points carry, such as `error.type`. */
export type Optional = Bounded & { readonly optional: true };

/** A label is a closed list of values, or a bounded set. Nothing else can become a label. */
export type LabelValues = readonly string[] | Bounded;
export type LabelSpecs = Readonly<Record<string, LabelValues>>;

type ValueOf<V> = V extends readonly (infer Name extends string)[] ? Name : string;
/** The label set that a metric's one recording line must give. */
export type LabelsOf<L extends LabelSpecs> = {
  [K in keyof L as L[K] extends Optional ? never : K]: ValueOf<L[K]>;
} & { [K in keyof L as L[K] extends Optional ? K : never]?: string };

type Spec<L extends LabelSpecs> = {
  /** HELP text: one sentence for an operator. */
  help: string;
  /** UCUM unit. `s`, `By` and `1` become name suffixes at the collector, so the name has to end in them already; `{thing}` does not. */
  unit: string;
  labels?: L;
  /**
   * Counters only: the label sets that exist from the start with value 0, so that a first event is an increase.
   * Left out, it is every combination of closed labels; bounded labels are zeroed by their watcher, which knows the values.
   */
  zero?: readonly Partial<LabelsOf<L>>[];
};

export type MetricKind = 'counter' | 'histogram' | 'gauge' | 'updown';
export type MetricDefinition<K extends MetricKind = MetricKind, L extends LabelSpecs = LabelSpecs> = {
  readonly kind: K;
  readonly help: string;
  readonly unit: string;
  readonly labels: L;
  readonly zero?: readonly Partial<LabelsOf<L>>[];
  readonly buckets?: readonly number[];
};

// biome-ignore lint/complexity/noBannedTypes: `{}` is the label set of a metric without labels.
type None = {};

/** Only ever goes up; its Prometheus name ends in `_total`. */
export const counter = <const L extends LabelSpecs = None>(spec: Spec<L>): MetricDefinition<'counter', L> => ({
  kind: 'counter',
  labels: (spec.labels ?? {}) as L,
  help: spec.help,
  unit: spec.unit,
  ...(spec.zero && { zero: spec.zero }),
});

/** Buckets are always our own: the SDK's defaults are meant for milliseconds. */
export const histogram = <const L extends LabelSpecs = None>(
  spec: Omit<Spec<L>, 'zero'> & { buckets: readonly number[] },
): MetricDefinition<'histogram', L> => ({
  kind: 'histogram',
  labels: (spec.labels ?? {}) as L,
  help: spec.help,
  unit: spec.unit,
  buckets: spec.buckets,
});

/** Observed at collection: the callback says what is true just then, or nothing. */
export const gauge = <const L extends LabelSpecs = None>(
  spec: Omit<Spec<L>, 'zero'>,
): MetricDefinition<'gauge', L> => ({
  kind: 'gauge',
  labels: (spec.labels ?? {}) as L,
  help: spec.help,
  unit: spec.unit,
});

/** A gauge that is kept by adding and subtracting, for things in progress. */
export const updown = <const L extends LabelSpecs = None>(spec: Spec<L>): MetricDefinition<'updown', L> => ({
  kind: 'updown',
  labels: (spec.labels ?? {}) as L,
  help: spec.help,
  unit: spec.unit,
  ...(spec.zero && { zero: spec.zero }),
});

export const bounded = (max: number): Bounded => ({ max });
export const optional = (max: number): Optional => ({ max, optional: true });
