import { curves, heatmap, levelsOf, type Size } from './charts.ts';
import { levelColour, seriesColour } from './colours.ts';
import { ask, type Firing, last, type Setting, type Shown } from './data.ts';
import type { Board, Panel } from './grafana.ts';
import { format, inUnit } from './units.ts';

/** What all panels of a board are drawn with. */
export type Scene = Setting & { board: Board; fired: Firing[] };
/** Draws one kind of panel as HTML that fits the size. */
type Draw = (shown: Shown[], panel: Panel, scene: Scene, size: Size) => string;

const KINDS: Record<string, Draw> = {
  timeseries,
  stat,
  heatmap: (shown, _panel, { span }, size) => heatmap(shown, span, size),
  'state-timeline': states,
  table,
};

/** A panel's inside, its noValue where there is no data; of a kind that is not known here it is an error that names the panel. */
export async function drawn(panel: Panel, scene: Scene, size: Size): Promise<string> {
  const where = `Panel ${panel.id} "${panel.title}" of ${scene.board.name}`;
  const draw = KINDS[panel.type];
  if (!draw)
    throw new Error(`${where} is of the kind ${panel.type}; known here are row, ${Object.keys(KINDS).join(', ')}`);
  const source = panel.datasource?.type ?? 'prometheus';
  if (source !== 'prometheus')
    return empty(`Needs ${source[0]?.toUpperCase()}${source.slice(1)}: open this board in Grafana`);
  try {
    const shown = await ask(panel, scene);
    const idle =
      shown.length === 0 || (panel.type === 'heatmap' && !shown.some(({ points }) => points.some(([, n]) => n > 0)));
    return idle ? empty(panel.fieldConfig?.defaults?.noValue ?? 'No data') : draw(shown, panel, scene, size);
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

/** Text that HTML takes as text. */
export const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const empty = (why: string): string => `<div class="empty">${escaped(why)}</div>`;

const LEGEND_LINE = 19;
const LETTER = 6.4;
/** `most` is the highest of a series; what must stay has none. */
type Entry = { name: string; value: string; style: string; most?: number };

function timeseries(shown: Shown[], _panel: Panel, { span, fired }: Scene, { width, height }: Size): string {
  const field = shown[0]?.field ?? {};
  const series: Entry[] = shown.map((one, index) => ({
    name: one.name,
    value: format(last(one.points) ?? Number.NaN, one.field),
    style: `background:${seriesColour(one.field, index)}`,
    most: Math.max(...one.points.map(([, value]) => value || 0)),
  }));
  const levels: Entry[] = levelsOf(field).map(({ value, color }) => ({
    name: 'alert at',
    value: inUnit(value, field.unit),
    style: `border-top:2px dashed ${color};height:0`,
  }));
  const { entries, lines } = fitting([...series, ...levels], width);
  const legend = entries.map(
    ({ name, value, style }) => `<span><i style="${style}"></i>${escaped(name)} <b>${escaped(value)}</b></span>`,
  );
  const room = { width, height: height - lines * LEGEND_LINE - 4 };
  return `${curves(shown, fired, span, room)}<div class="legend" style="height:${lines * LEGEND_LINE}px">${legend.join('')}</div>`;
}

/** A legend of three lines at most: what was 0 all along is only counted first, then what was lowest. */
function fitting(entries: Entry[], width: number): { entries: Entry[]; lines: number } {
  const lines = (some: Entry[]) => {
    let [used, count] = [0, 1];
    for (const { name, value } of some) {
      const long = (name.length + value.length) * LETTER + 34;
      if (used > 0 && used + long > width) [used, count] = [0, count + 1];
      used += long;
    }
    return count;
  };
  const rest = (name: string) => ({ name, value: '', style: 'display:none' });
  if (lines(entries) <= 2) return { entries, lines: lines(entries) };
  const ranked = entries.toSorted((a, b) => (b.most ?? Infinity) - (a.most ?? Infinity));
  const busy = ranked.filter(({ most = 1 }) => most > 0).length;
  let kept = entries;
  for (let left = busy; left > 0; left--) {
    const chosen = new Set(ranked.slice(0, left));
    const others = entries.length - left;
    kept = entries.filter((entry) => chosen.has(entry));
    if (others > 0) kept.push(rest(`and ${others} ${left === busy ? 'at 0' : 'more'}`));
    if (lines(kept) <= 3) break;
  }
  return { entries: kept, lines: Math.min(3, lines(kept)) };
}

function stat(shown: Shown[], panel: Panel, _scene: Scene, { width, height }: Size): string {
  const calcs = panel.options?.reduceOptions?.calcs ?? ['lastNotNull'];
  if (`${calcs}` !== 'lastNotNull') throw new Error(`it reduces by ${calcs}; only lastNotNull is known here`);
  const room = width / shown.length - 16;
  const tiles = shown.map(({ name, points, field }) => {
    const value = last(points) ?? Number.NaN;
    const text = format(value, field);
    const size = Math.max(14, Math.min(40, height * 0.5, room / (text.length * 0.64))).toFixed(0);
    const under = shown.length > 1 ? `<em>${escaped(name)}</em>` : '';
    return `<div style="color:${levelColour(value, field)}"><strong style="font-size:${size}px">${escaped(text)}</strong>${under}</div>`;
  });
  return `<div class="stats">${tiles.join('')}</div>`;
}

/** One bar for each series, in pieces of one state. */
function states(shown: Shown[], _panel: Panel, { span }: Scene): string {
  const whole = span.endS - span.startS + span.stepS;
  const percent = (s: number) => ((s / whole) * 100).toFixed(2);
  const bars = shown.map(({ name, points, field }) => {
    const runs: { fromS: number; toS: number; value: number }[] = [];
    for (const [time, value] of points) {
      const run = runs.at(-1);
      if (run && run.value === value && run.toS === time) run.toS = time + span.stepS;
      else runs.push({ fromS: time, toS: time + span.stepS, value });
    }
    const pieces = runs.map(({ fromS, toS, value }) => {
      const text = (toS - fromS) / whole > 0.08 ? escaped(format(value, field)) : '';
      return `<i style="left:${percent(fromS - span.startS)}%;width:${percent(toS - fromS)}%;background:${levelColour(value, field)}">${text}</i>`;
    });
    return `<span>${escaped(name)}</span><div>${pieces.join('')}</div>`;
  });
  const clock = [0, 0.25, 0.5, 0.75, 1].map((part) =>
    new Date((span.startS + part * (span.endS - span.startS)) * 1000).toISOString().slice(11, 16),
  );
  const axis = clock.map((text) => `<small>${text}</small>`).join('');
  return `<div class="states">${bars.join('')}<span></span><p>${axis}</p></div>`;
}

/** A row for each series and a column for each label; `organize` says which are left out. */
function table(shown: Shown[], panel: Panel): string {
  const strange = panel.transformations?.find(({ id }) => id !== 'organize');
  if (strange) throw new Error(`it is transformed by ${strange.id}; only organize is known here`);
  const excluded = panel.transformations?.[0]?.options?.excludeByName ?? {};
  const records = shown.map(({ labels, points, field }) => ({
    ...labels,
    Value: format(last(points) ?? Number.NaN, field),
  }));
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))].filter((name) => !excluded[name]);
  const row = (tag: string, cells: string[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  const body = records.map((record: Record<string, string>) =>
    row(
      'td',
      columns.map((name) => record[name] ?? ''),
    ),
  );
  return `<table>${row('th', columns)}${body.join('')}</table>`;
}
