import { CONFIG, ERROR_BUDGET } from '../config.ts';
import type { Duration } from '../promql.ts';
import { badTurns } from '../rules/recordings.ts';
import { type Panel, recordedAs, type Threshold } from './board.ts';

const { objective, burn } = CONFIG.slo;
const percent = (ratio: number): string => `${Number((ratio * 100).toFixed(4))} %`;
const burnRate = (window: Duration): string => `${recordedAs(badTurns(window))} / ${ERROR_BUDGET}`;
const objectiveLine: Threshold = { at: objective, side: 'below', severity: 'critical' };

const NO_TURNS = 'No turn was good or bad in the window';

/** How the promise to learners is kept, and how fast its error budget goes. */
export const sloPanels: readonly Panel[] = [
  {
    key: 'slo-good',
    title: 'Good turns',
    help: `Share of turns that were answered with a first word in time; the objective is ${percent(objective)}. What learners broke off, sent empty or may not ask for counts as neither good nor bad.`,
    kind: 'lines',
    unit: 'percentunit',
    width: 8,
    // From 0 on, keeping the objective and missing it by half would look the same.
    softMin: Number((objective - 4 * ERROR_BUDGET).toFixed(6)),
    max: 1,
    noValue: NO_TURNS,
    thresholds: [objectiveLine],
    queries: (['1h', '1d', '3d'] as const).map((window) => ({
      expr: `1 - ${recordedAs(badTurns(window))}`,
      legend: `over ${window}`,
    })),
  },
  {
    key: 'slo-burn-rate',
    title: 'Burn rate of the error budget',
    help: `1 spends exactly what the objective allows, ${percent(ERROR_BUDGET)} of the turns. An alert fires when a long window and its short one both exceed their factor: ${burn.map(({ long, short, factor }) => `${long} and ${short} over ${factor}`).join(', ')}.`,
    kind: 'lines',
    unit: 'suffix:×',
    width: 10,
    noValue: NO_TURNS,
    alerts: ['VoiceTurnBudgetBurn'],
    thresholds: burn.map(({ factor, severity }) => ({ at: factor, side: 'above', severity })),
    queries: (['5m', '1h', '6h', '1d', '3d'] as const).map((window) => ({ expr: burnRate(window), legend: window })),
  },
  {
    key: 'slo-budget-left',
    title: 'Error budget left (3 days)',
    help: 'Share of the allowed bad turns of the last three days that is still left; below 0 the objective is missed.',
    kind: 'number',
    unit: 'percentunit',
    width: 6,
    noValue: NO_TURNS,
    thresholds: [
      { at: 0, side: 'below', severity: 'critical' },
      { at: 0.25, side: 'below', severity: 'warning' },
    ],
    queries: [{ expr: `1 - ${burnRate('3d')}`, legend: '{{job}}' }],
  },
];
