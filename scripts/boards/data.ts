import { type Board, type Field, fieldOf, type Panel } from './grafana.ts';
import type { Prometheus, Series, Span } from './prometheus.ts';

/** A series as a panel shows it. */
export type Shown = Series & { name: string; field: Field };

/** An alert that fired, in seconds since 1970. */
export type Firing = { name: string; color: string; fromS: number; toS: number };

export type Setting = {
  prometheus: Prometheus;
  span: Span;
  /** Puts the boards' variables into an expression. */
  expand: (expr: string) => string;
};

/** What a panel's targets give: curves, or values of now where it asks for an instant. */
export async function ask(panel: Panel, { prometheus, span, expand }: Setting): Promise<Shown[]> {
  const answers = (panel.targets ?? []).map(async ({ expr = '', legendFormat, instant }) => {
    const query = expand(expr);
    const found = await (instant ? prometheus.instant(query, span.endS) : prometheus.range(query, span));
    return found.map((series) => {
      const name = named(legendFormat, series.labels) || panel.title;
      return { ...series, name, field: fieldOf(panel, name) };
    });
  });
  return (await Promise.all(answers)).flat().filter(({ points }) => last(points) !== undefined);
}

function named(legend: string | undefined, labels: Record<string, string>): string {
  if (legend && legend !== '__auto') return legend.replace(/{{\s*([\w.]+)\s*}}/g, (_, label) => labels[label] ?? '');
  const shown = Object.entries(labels).filter(([label]) => label !== '__name__');
  return shown.map(([, value]) => value).join(' · ');
}

/** The last value that is a number; undefined when there is none. */
export const last = (points: Series['points']): number | undefined =>
  points.findLast(([, value]) => !Number.isNaN(value))?.[1];

/** The times at which the board's alert annotations were there; a gap of more than two steps ends one. */
export async function firings(board: Board, { prometheus, span, expand }: Setting): Promise<Firing[]> {
  const asked = (board.annotations?.list ?? []).map(async ({ expr, iconColor: color = 'red' }) => {
    const series = expr ? await prometheus.range(expand(expr), span) : [];
    return series.flatMap(({ labels, points }) => {
      const found: Firing[] = [];
      for (const [time] of points) {
        const open = found.at(-1);
        if (open && time - open.toS <= 2 * span.stepS) open.toS = time;
        else found.push({ name: labels.alertname ?? '', color, fromS: time, toS: time });
      }
      return found;
    });
  });
  return (await Promise.all(asked)).flat().sort((a, b) => a.fromS - b.fromS);
}
