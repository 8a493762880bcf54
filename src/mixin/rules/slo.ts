import { CONFIG, ERROR_BUDGET } from '../config.ts';
import type { Pace } from '../pace.ts';
import { alert } from './alert.ts';
import { badTurns } from './recordings.ts';
import { type AlertRule, PERCENT, q } from './rule.ts';

const { atLeast, burn } = CONFIG.slo;

/** The error budget of voice turns burns too fast; one alert for each pair of windows. */
export const sloAlerts = ({ window, wait }: Pace): AlertRule[] =>
  burn.map(({ long, short, factor, severity, for: held }) => {
    const limit = `${factor} * ${ERROR_BUDGET}`;
    const bad = q.increase('voice_slo_turns_total', window(long), { where: { verdict: 'bad' } });
    return alert('VoiceTurnBudgetBurn', {
      expr: `${badTurns(long)} > ${limit} and ${badTurns(short)} > ${limit} and ${bad} >= ${atLeast}`,
      for: wait(held),
      severity,
      labels: { long, short },
      summary: `${PERCENT} of the turns of the last ${long} were bad`,
      description: `The SLO allows ${ERROR_BUDGET * 100} %; this burns the error budget more than ${factor} times as fast as it may, over ${long} and still over ${short}.`,
    });
  });
