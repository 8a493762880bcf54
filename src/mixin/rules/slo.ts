import { CONFIG } from '../config.ts';
import type { Pace } from '../pace.ts';
import { type Alerting, alert } from './alert.ts';
import { badTurns } from './recordings.ts';
import { PERCENT, q } from './rule.ts';

const { objective, atLeast, burn } = CONFIG.slo;

/** The share of turns that may be bad: 1 % of them. Rounded, because 1 - 0.99 is not 0.01 in binary. */
export const ERROR_BUDGET = Number((1 - objective).toFixed(6));

/** The error budget of voice turns burns too fast; one alert for each pair of windows. */
export const sloAlerts = ({ window, wait }: Pace): Alerting[] =>
  burn.map(({ long, short, factor, severity, for: held }) => {
    const limit = `${factor} * ${ERROR_BUDGET}`;
    const bad = q.increase('voice_slo_turns_total', window(long), { where: { verdict: 'bad' } });
    return alert('VoiceTurnBudgetBurn', {
      expr: `${badTurns(long)} > ${limit} and ${badTurns(short)} > ${limit} and ${bad} >= ${atLeast}`,
      for: wait(held),
      severity,
      labels: { long, short },
      summary: `${PERCENT} of the turns of the last ${long} were bad`,
      description: `The SLO allows ${ERROR_BUDGET * 100} %; this burns the error budget ${factor} times too fast, over ${long} and still over ${short}.`,
    });
  });
