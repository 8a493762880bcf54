import type { SessionWatcher } from '../../conversation/watchers.ts';
import type { Instruments } from '../instruments.ts';

/** Watches sessions: created ones, and how long each was present. */
export function watchSessions(instruments: Instruments): SessionWatcher {
  return {
    created: () => instruments.sessions_total.add(1),
    over: (seconds) => instruments.session_duration_seconds.record(seconds),
  };
}
