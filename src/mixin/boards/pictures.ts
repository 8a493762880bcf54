import {
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as HeatmapBuilder, YAxisConfigBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Kind, Panel } from './board.ts';

type Builder = TimeseriesBuilder | StatBuilder | HeatmapBuilder | TableBuilder | StateTimelineBuilder;

/** How each kind of panel looks. */
export const PICTURES: Record<Kind, (panel: Panel, unit: string) => Builder> = {
  lines: (panel) => lines(panel).fillOpacity(panel.thresholds ? 0 : 8),
  stacked: (panel) =>
    lines(panel).fillOpacity(45).stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A')),
  number: () => new StatBuilder().reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull'])),
  states: () => new StateTimelineBuilder().showValue(VisibilityMode.Auto).mergeValues(true).fillOpacity(80),
  // NOTE: the axis of a heatmap has a unit of its own.
  heatmap: (_panel, unit) =>
    new HeatmapBuilder().calculate(false).yAxis(new YAxisConfigBuilder().unit(unit)).hideLegend(),
  table: () => new TableBuilder(),
  traces: () => new TableBuilder(),
};

const lines = ({ thresholds, softMin = 0 }: Panel) =>
  new TimeseriesBuilder()
    .drawStyle(GraphDrawStyle.Line)
    .lineWidth(1)
    .showPoints(VisibilityMode.Never)
    .axisSoftMin(softMin)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(
        thresholds ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off,
      ),
    );
