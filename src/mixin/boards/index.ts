import { ALERT_NAMES, type AlertName } from '../config.ts';
import { type Board, idOf } from './board.ts';
import { dependencies } from './dependencies.ts';
import { grafanaBoard } from './grafana.ts';
import { learning } from './learning.ts';
import { overview } from './overview.ts';
import { telemetry } from './telemetry.ts';
import { traffic } from './traffic.ts';

/** From general to specific; an alert links to the first panel that explains it. */
export const boards: readonly Board[] = [overview, traffic, dependencies, learning, telemetry];

/** Grafana's JSON of each board, by its file's name below grafana/dashboards/. */
export const boardFiles = (): Record<string, string> =>
  Object.fromEntries(
    boards.map((board) => [
      `${board.uid.replace('lva-', '')}.json`,
      `${JSON.stringify(grafanaBoard(board), undefined, 2)}\n`,
    ]),
  );

const homes = new Map(
  boards.toReversed().flatMap(({ uid, rows }) =>
    rows
      .flatMap(({ panels }) => panels)
      .toReversed()
      .flatMap(({ key, alerts = [] }) => alerts.map((name) => [name, { uid, id: idOf(key) }] as const)),
  ),
);
const homeless = ALERT_NAMES.filter((name) => !homes.has(name));
if (homeless.length > 0) throw new Error(`No panel of any board lists ${homeless.join(', ')} in its alerts`);

/** Where an alert is explained: ${CONFIG.grafana}/d/<uid>?viewPanel=<id>. */
export const panelOf = (alert: AlertName): { uid: string; id: number } =>
  homes.get(alert) as { uid: string; id: number };
