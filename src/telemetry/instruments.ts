import type { Attributes, Counter, Histogram, Meter, ObservableGauge } from '@opentelemetry/api';
import type { LabelSpecs, LabelsOf, MetricDefinition } from './catalog/define.ts';
import { type Catalog, catalog } from './catalog/index.ts';

type LabelArgument<L extends LabelSpecs> = keyof L extends never ? [] : [labels: LabelsOf<L>];

export type CounterInstrument<L extends LabelSpecs> = {
  /** Adds; a value that is negative or not finite is dropped and counted. */
  add(value: number, ...labels: LabelArgument<L>): void;
  /** Creates the label set with 0, so that a first event is an increase. */
  zero(...labels: LabelArgument<L>): void;
};
export type HistogramInstrument<L extends LabelSpecs> = { record(value: number, ...labels: LabelArgument<L>): void };
export type UpDownInstrument<L extends LabelSpecs> = { add(value: number, ...labels: LabelArgument<L>): void };
export type GaugeInstrument<L extends LabelSpecs> = {
  /** Sets what is called at each collection: the value, `undefined` for none, or a value per label set. */
  observe(read: () => GaugeReading<L>): void;
};
export type GaugeReading<L extends LabelSpecs> = keyof L extends never
  ? number | undefined
  : readonly { value: number; labels: LabelsOf<L> }[];

type InstrumentOf<D> =
  D extends MetricDefinition<'counter', infer L>
    ? CounterInstrument<L>
    : D extends MetricDefinition<'histogram', infer L>
      ? HistogramInstrument<L>
      : D extends MetricDefinition<'updown', infer L>
        ? UpDownInstrument<L>
        : D extends MetricDefinition<'gauge', infer L>
          ? GaugeInstrument<L>
          : never;

/** One instrument for each entry of the catalog, under its name; a wrong label does not compile. */
export type Instruments = { readonly [K in keyof Catalog]: InstrumentOf<Catalog[K]> };

type DropReason = (typeof catalog.telemetry_dropped_points_total.labels.reason)[number];

/** Makes every instrument of the catalog. What could spoil a batch or a series is dropped here and counted. */
export function createInstruments(meter: Meter): Instruments {
  const build: Record<string, unknown> = {};
  const drop = (reason: DropReason) => (build as Instruments).telemetry_dropped_points_total.add(1, { reason });
  for (const [name, definition] of Object.entries(catalog as Record<string, MetricDefinition>)) {
    build[name] = instrument(meter, name, definition, drop);
  }
  return build as Instruments;
}

function describe(definition: MetricDefinition) {
  return {
    description: definition.help,
    unit: definition.unit,
    ...(definition.buckets && { advice: { explicitBucketBoundaries: [...definition.buckets] } }),
  };
}

function instrument(meter: Meter, name: string, definition: MetricDefinition, drop: (reason: DropReason) => void) {
  const options = describe(definition);
  const bound = labelBounds(definition.labels, drop);
  switch (definition.kind) {
    case 'counter': {
      const counter = meter.createCounter(name, options);
      for (const labels of zeroSets(definition)) counter.add(0, labels);
      return {
        add: (value: number, labels?: Attributes) => record(counter, 'add', value, bound(labels), drop),
        zero: (labels?: Attributes) => counter.add(0, bound(labels)),
      };
    }
    case 'updown': {
      const updown = meter.createUpDownCounter(name, options);
      for (const labels of zeroSets(definition)) updown.add(0, labels);
      return {
        add: (value: number, labels?: Attributes) =>
          Number.isFinite(value) ? updown.add(value, bound(labels)) : drop('not_finite'),
      };
    }
    case 'histogram': {
      const histogram = meter.createHistogram(name, options);
      return {
        record: (value: number, labels?: Attributes) => record(histogram, 'record', value, bound(labels), drop),
      };
    }
    case 'gauge':
      return observed(meter.createObservableGauge(name, options), bound, drop);
  }
}

type Recorder = { add?: Counter['add']; record?: Histogram['record'] };

function record(
  instrument: Recorder,
  how: 'add' | 'record',
  value: number,
  labels: Attributes,
  drop: (reason: DropReason) => void,
): void {
  if (!Number.isFinite(value)) drop('not_finite');
  else if (value < 0) drop('negative');
  else instrument[how]?.(value, labels);
}

function observed(
  gauge: ObservableGauge,
  bound: (labels?: Attributes) => Attributes,
  drop: (reason: DropReason) => void,
) {
  return {
    observe(read: () => number | undefined | readonly { value: number; labels: Attributes }[]) {
      gauge.addCallback((result) => {
        const reading = read();
        if (reading === undefined) return;
        const points = typeof reading === 'number' ? [{ value: reading, labels: {} }] : reading;
        for (const { value, labels } of points) {
          if (Number.isFinite(value)) result.observe(value, bound(labels));
          else drop('not_finite');
        }
      });
    },
  };
}

/** Every combination of closed labels, or the sets that the definition names. */
function zeroSets(definition: MetricDefinition): Attributes[] {
  if (definition.zero) return definition.zero as Attributes[];
  let sets: Attributes[] = [{}];
  for (const [label, values] of Object.entries(definition.labels)) {
    if (!Array.isArray(values)) return [];
    sets = sets.flatMap((set) => values.map((value: string) => ({ ...set, [label]: value })));
  }
  return sets;
}

const LONGEST_LABEL = 64;

/** Folds what a closed or bounded label must not take into `other`; a fold beyond the bound is counted. */
function labelBounds(specs: LabelSpecs, drop: (reason: DropReason) => void): (labels?: Attributes) => Attributes {
  const seen = new Map<string, Set<string>>();
  const boundedLabels = Object.entries(specs).flatMap(([label, values]) =>
    'max' in values ? [{ label, max: values.max }] : [],
  );
  for (const { label } of boundedLabels) seen.set(label, new Set());
  const closed = Object.entries(specs).flatMap(([label, values]) =>
    'max' in values ? [] : [{ label, values: new Set(values) }],
  );
  if (boundedLabels.length === 0 && closed.length === 0) return () => ({});
  return (labels = {}) => {
    let result = labels;
    for (const { label, values } of closed) {
      if (values.has(labels[label] as string)) continue;
      drop('label_overflow');
      result = { ...result, [label]: 'other' };
    }
    for (const { label, max } of boundedLabels) {
      const value = labels[label];
      if (value === undefined) continue;
      const known = seen.get(label) as Set<string>;
      if (known.has(value as string)) continue;
      if (known.size < max && String(value).length <= LONGEST_LABEL) {
        known.add(String(value));
        continue;
      }
      drop('label_overflow');
      result = { ...result, [label]: 'other' };
    }
    return result;
  };
}
