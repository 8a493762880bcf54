import { type EChartsOption, init } from 'echarts';
import { seriesColour, toned } from './colours.ts';
import type { Firing, Shown } from './data.ts';
import type { Field } from './grafana.ts';
import type { Span } from './prometheus.ts';
import { inUnit } from './units.ts';

export type Size = { width: number; height: number };

const FONT = "Inter, 'DejaVu Sans', system-ui, sans-serif";
const LABEL = { color: '#526075', fontSize: 11, hideOverlap: true };
const RULE = { lineStyle: { color: '#e6eaf0' } };
const AXIS = { lineStyle: { color: '#b9c2cf' } };
const GRID = { left: 8, right: 14, top: 10, bottom: 2, containLabel: true };

/** A chart as SVG text; nothing moves and nothing runs in it. */
function svg(option: EChartsOption, { width, height }: Size): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({ animation: false, useUTC: true, textStyle: { fontFamily: FONT }, ...option });
  const text = chart.renderToSVGString({ useViewBox: true });
  chart.dispose();
  return text;
}

/** Curves over time, behind them the panel's levels as dashed lines and the times at which alerts fired. */
export function curves(shown: Shown[], fired: Firing[], span: Span, size: Size): string {
  const field = shown[0]?.field ?? {};
  return svg(
    {
      grid: GRID,
      xAxis: {
        type: 'time',
        min: span.startS * 1000,
        max: span.endS * 1000,
        axisLine: AXIS,
        splitNumber: Math.max(2, Math.floor(size.width / 70)),
        axisLabel: { ...LABEL, formatter: '{HH}:{mm}' },
      },
      yAxis: {
        type: 'value',
        min: field.min ?? ((extent) => lowest(extent.min, field)),
        ...heightOf(field, shown, size.height < 140 ? 2 : 4),
        splitLine: RULE,
        axisLabel: { ...LABEL, formatter: (value: number) => inUnit(value, field.unit) },
      },
      series: [...shown.map((one, index) => curve(one, span, index)), behind(field, fired)],
    },
    size,
  );
}

const TIMES = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
const BYTES = [1, 2 ** 10, 2 ** 20, 2 ** 30].flatMap((unit) => Array.from({ length: 10 }, (_, i) => unit * 2 ** i));
const STEPS: Record<string, number[]> = { s: TIMES, bytes: BYTES };

/** Where the axis begins: at its soft minimum, or at a round place below what is lower. */
function lowest(value: number, { custom: { axisSoftMin = 0 } = {} }: Field): number {
  if (!(value < axisSoftMin)) return axisSoftMin;
  return axisSoftMin === 0 ? value : Math.floor(10 * value) / 10;
}

/** Where the axis ends and how it is divided, as far as decimal steps of the chart's own choice would not do. */
function heightOf({ min = 0, max, unit = '', custom }: Field, shown: Shown[], parts: number) {
  if (max !== undefined && custom?.axisSoftMin) return { max, splitNumber: parts };
  if (max !== undefined) return { max, interval: (max - min) / parts };
  const values = shown.flatMap(({ points }) => points.map(([, value]) => (Number.isFinite(value) ? value : 0)));
  const most = Math.max(...values);
  // Curves that are 0 all along have no height of their own.
  if (most <= 0) return { max: 1, interval: 1 / parts };
  const fits = most > 120 && custom?.stacking?.mode !== 'normal';
  const interval = fits ? STEPS[unit]?.find((step) => step * parts >= most) : undefined;
  return interval ? { max: Math.ceil(most / interval) * interval, interval } : { splitNumber: parts };
}

function curve({ name, points, field }: Shown, span: Span, index: number) {
  const { fillOpacity = 0, stacking } = field.custom ?? {};
  const color = seriesColour(field, index);
  return {
    type: 'line' as const,
    name,
    color,
    data: onGrid(points, span),
    showSymbol: points.length < 3,
    symbolSize: 5,
    silent: true,
    ...(stacking?.mode === 'normal'
      ? // No lines: that of a series at 0 would cover the one below it.
        { stack: 'all', lineStyle: { width: 0 }, areaStyle: { color, opacity: 0.3 + fillOpacity / 100 } }
      : { lineStyle: { width: 1.7, color }, areaStyle: { color, opacity: fillOpacity / 100 } }),
  };
}

function behind(field: Field, fired: Firing[]) {
  const lines = levelsOf(field).map(({ value, color }) => ({
    yAxis: value,
    lineStyle: { color, type: 'dashed' as const, width: 1.3 },
  }));
  const areas = fired.map(({ color, fromS, toS }): [object, object] => [
    { xAxis: fromS * 1000, itemStyle: { color: toned(color), opacity: 0.05 } },
    { xAxis: toS * 1000 },
  ]);
  return {
    type: 'line' as const,
    data: [],
    markLine: { silent: true, symbol: 'none', label: { show: false }, data: lines },
    markArea: { silent: true, data: areas },
  };
}

/** The levels that are drawn, each in the colour of its bad side: above it, or below where the best comes last. */
export function levelsOf({ custom, thresholds: { steps } = { steps: [] } }: Field): { value: number; color: string }[] {
  if ((custom?.thresholdsStyle?.mode ?? 'off') === 'off') return [];
  const below = steps.at(-1)?.color === 'green';
  return steps.flatMap(({ value, color }, i) =>
    value === null ? [] : [{ value, color: toned((below && steps[i - 1]?.color) || color) }],
  );
}

/** The points at every step of the span, with nothing where there was no sample: a gap must show as a gap. */
function onGrid(points: Shown['points'], { startS, endS, stepS }: Span): [number, number | null][] {
  const known = new Map(points);
  const steps = Math.floor((endS - startS) / stepS) + 1;
  return Array.from({ length: steps }, (_, i) => {
    const time = startS + i * stepS;
    const value = known.get(time);
    return [time * 1000, value !== undefined && Number.isFinite(value) ? value : null];
  });
}

const TICKS_S = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200];
const BLUES = ['#e3ecf8', '#7fb0e0', '#2563ab', '#172f66'];

/** Buckets over time. Prometheus' are cumulative, so each has the one below taken off. */
export function heatmap(shown: Shown[], span: Span, size: Size): string {
  const bound = ({ labels }: Shown) => Number(labels.le?.replace('+Inf', 'Infinity'));
  const buckets = shown.toSorted((a, b) => bound(a) - bound(b));
  const rows = buckets.map(({ points }) => onGrid(points, span));
  const cells = rows.flatMap((row, y) =>
    row.flatMap(([, value], x) => {
      const own = (value ?? 0) - (rows[y - 1]?.[x]?.[1] ?? 0);
      return own > 1e-9 ? [[x, y, own] as const] : [];
    }),
  );
  const times = rows[0]?.map(([time]) => time / 1000) ?? [];
  const tick = TICKS_S.find((every) => (span.endS - span.startS) / every <= size.width / 48) ?? 86_400;
  const ticked = (i: number) => Math.floor((times[i] ?? 0) / tick) > Math.floor(((times[i] ?? 0) - span.stepS) / tick);
  const clock = (text: string) => new Date(Number(text) * 1000).toISOString().slice(11, 16);
  const axis = { type: 'category' as const, axisTick: { show: false }, axisLine: AXIS };
  const names = buckets.map((one) => inUnit(bound(one), one.field.unit));
  return svg(
    {
      grid: GRID,
      xAxis: { ...axis, data: times, axisLabel: { ...LABEL, interval: ticked, formatter: clock } },
      yAxis: { ...axis, data: names, axisLabel: LABEL },
      visualMap: { show: false, min: 0, max: Math.max(...cells.map(([, , own]) => own)), inRange: { color: BLUES } },
      series: [{ type: 'heatmap', data: cells as never, silent: true }],
    },
    size,
  );
}
