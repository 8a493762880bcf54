import {
  DashboardLinkBuilder,
  FieldColorBuilder,
  FieldColorModeId,
  type Panel as GrafanaPanel,
  type GridPos,
  MappingType,
  type Threshold as Step,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { SearchTableType, DataqueryBuilder as TempoQueryBuilder } from '@grafana/grafana-foundation-sdk/tempo';
import { idOf, type Panel, type Query, type Threshold, variable } from './board.ts';
import { PICTURES } from './pictures.ts';

/** Whatever the viewer's Grafana calls its data sources: no uid is written down. */
export const METRICS = { type: 'prometheus', uid: variable('datasource') };
const TRACES = { type: 'tempo', uid: variable('traces') };

/** A panel as Grafana takes it, at its place. */
export function grafanaPanel(panel: Panel, gridPos: GridPos): GrafanaPanel {
  const { key, title, help, kind, unit, noValue, min, max, thresholds = [], alerts = [], colours = {} } = panel;
  const theirUnit = unit === 'up' ? 'short' : unit;
  const builder = PICTURES[kind](panel, theirUnit)
    .id(idOf(key))
    .title(title)
    .description(help)
    .datasource(kind === 'traces' ? TRACES : METRICS)
    .unit(theirUnit)
    .noValue(noValue)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(stepsOf(thresholds)))
    .colorScheme(new FieldColorBuilder().mode(coloursOf(panel)))
    .links(alerts.map((name) => link(`Runbook: ${name}`, `${variable('runbook')}#${name.toLowerCase()}`)))
    .targets(panel.queries.map((query, i) => target(panel, query, String.fromCharCode(65 + i))));
  if (min !== undefined) builder.min(min);
  if (max !== undefined) builder.max(max);
  if (unit === 'up') builder.mappings([UP]);
  if (kind === 'table') builder.transformations(tidy(panel));
  if (kind === 'traces') builder.overrideByName('traceID', [{ id: 'links', value: [TO_TRACE] }]);
  for (const [name, fixedColor] of Object.entries(colours)) {
    // Several series of one colour are told apart by its shades.
    if (name.startsWith('/')) builder.overrideByRegexp(name, [{ id: 'color', value: { mode: 'shades', fixedColor } }]);
    else builder.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor } }]);
  }
  const built = builder.build();
  if (panel.rowLink && built.fieldConfig) Object.assign(built.fieldConfig.defaults, { links: [panel.rowLink] });
  return { ...built, gridPos, ...(built.links && { links: built.links.map(shown) }) };
}

/** NOTE: the SDK puts links and annotations into a menu; without a placement they are in sight. */
export const shown = <T extends { placement?: unknown }>({ placement: _, ...rest }: T): Omit<T, 'placement'> => rest;

const COLOUR = { critical: 'red', warning: 'orange' } as const;

/** From the lowest up; without a threshold a neutral blue, because nobody judged. */
function stepsOf(thresholds: readonly Threshold[]): Step[] {
  const sorted = thresholds.toSorted((a, b) => a.at - b.at);
  const [first] = sorted;
  if (!first) return [{ value: null, color: 'blue' }];
  if (sorted.some(({ side }) => side !== first.side))
    throw new Error('Thresholds of a panel are all above, or all below');
  if (first.side === 'above')
    return [
      { value: null, color: 'green' },
      ...sorted.map(({ at, severity }) => ({ value: at, color: COLOUR[severity] })),
    ];
  return [
    { value: null, color: COLOUR[first.severity] },
    ...sorted.map(({ at }, i) => {
      const next = sorted[i + 1];
      return { value: at, color: next ? COLOUR[next.severity] : 'green' };
    }),
  ];
}

const coloursOf = ({ kind }: Panel): FieldColorModeId =>
  kind === 'lines' || kind === 'stacked' || kind === 'traces'
    ? FieldColorModeId.PaletteClassicByName
    : FieldColorModeId.Thresholds;

function target({ kind }: Panel, { expr, legend, exemplars }: Query, refId: string) {
  if (kind === 'traces')
    return new TempoQueryBuilder()
      .refId(refId)
      .datasource(TRACES)
      .queryType('traceql')
      .query(expr)
      .tableType(SearchTableType.Traces)
      .limit(20);
  const query = new DataqueryBuilder().refId(refId).datasource(METRICS).expr(expr).legendFormat(legend);
  if (exemplars) query.exemplar(true);
  if (kind === 'heatmap') return query.range().format(PromQueryFormat.Heatmap);
  if (kind === 'table') return query.instant().format(PromQueryFormat.Table);
  if (kind === 'number') return query.instant();
  return query.range();
}

const link = (title: string, url: string) => new DashboardLinkBuilder(title).url(url).targetBlank(true);

const UP: ValueMap = {
  type: MappingType.ValueToText,
  options: { 0: { text: 'Down', color: 'red', index: 0 }, 1: { text: 'Up', color: 'green', index: 1 } },
};

/** What an instant vector carries beside what it says. */
const tidy = ({ labelsOnly }: Panel) => [
  {
    id: 'organize',
    options: { excludeByName: { Time: true, __name__: true, alertstate: true, Value: labelsOnly === true } },
  },
];

const pane = {
  datasource: variable('traces'),
  queries: [{ refId: 'A', datasource: TRACES, queryType: 'traceql', query: variable('__value.raw') }],
  range: { from: 'now-7d', to: 'now' },
};

/** Grafana fills in variables only where `${…}` stands as it is. */
const unescaped = (text: string) => encodeURIComponent(text).replace(/%24%7B(.+?)%7D/g, (_, name) => variable(name));

const TO_TRACE = {
  title: 'Trace',
  url: `/explore?schemaVersion=1&orgId=${variable('__org.id')}&panes=${unescaped(JSON.stringify({ trace: pane }))}`,
};
