import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/stack/parts.ts';
import { idOf } from '../../src/mixin/boards/board.ts';
import { boards } from '../../src/mixin/boards/index.ts';

export type Target = { refId: string; expr?: string; query?: string; datasource: { type: string; uid: string } };
export type PanelJson = {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { type: string; uid: string };
  targets?: Target[];
  links?: { title: string; url: string }[];
  fieldConfig: {
    defaults: {
      unit?: string;
      noValue?: string;
      thresholds: { steps: { value: number | null; color: string }[] };
      custom?: { axisSoftMin?: number };
    };
    overrides: { matcher: { options: unknown }; properties: { id: string; value: unknown }[] }[];
  };
};
export type BoardJson = {
  description: string;
  uid: string;
  title: string;
  tags: string[];
  editable: boolean;
  panels: PanelJson[];
  links: { type: string; tags: string[]; placement?: string }[];
  annotations: { list: { expr: string; datasource: { uid: string }; placement?: string }[] };
  templating: {
    list: {
      name: string;
      type: string;
      query: string | { query: string };
      hide?: number;
      current?: { value: unknown };
      includeAll: boolean;
      allValue?: string;
      multi: boolean;
    }[];
  };
};

const folder = join(ROOT, 'grafana/dashboards');

/** The boards as they are shipped. */
export const shippedBoards = (): BoardJson[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));

export const panelsOf = ({ panels }: BoardJson): PanelJson[] => panels.filter(({ type }) => type !== 'row');

export type BoardQuery = { board: string; panel: string; refId: string; expr: string; exempt?: string };

/** Every PromQL query of the shipped boards, with the reason of those that may be empty. */
export function shippedQueries(): BoardQuery[] {
  const reasons = new Map(
    boards.flatMap(({ uid, rows }) =>
      rows.flatMap(({ panels }) => panels).map(({ key, exempt }) => [`${uid} ${idOf(key)}`, exempt] as const),
    ),
  );
  return shippedBoards().flatMap((board) =>
    panelsOf(board).flatMap(({ id, title, targets = [] }) =>
      targets.flatMap(({ refId, expr }) => {
        const exempt = reasons.get(`${board.uid} ${id}`);
        return expr ? [{ board: board.uid, panel: title, refId, expr, ...(exempt && { exempt }) }] : [];
      }),
    ),
  );
}
