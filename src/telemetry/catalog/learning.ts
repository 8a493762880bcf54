import { INTENTS, OUTCOMES, STAGES } from '../../conversation/ports.ts';
import { counter, gauge, histogram } from './define.ts';

const TURN_BUCKETS = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13];

/** Turns, sessions, conversation. */
export const learning = {
  voice_turns_total: counter({
    help: 'Turns by how they ended: answered, failed (our fault or a provider’s), interrupted, refused (a budget is spent, or the recording cannot be used), empty (nothing was said).',
    unit: '{turn}',
    labels: { outcome: OUTCOMES },
  }),
  voice_turn_duration_seconds: histogram({
    help: 'Time from the end of speech to the last word of the reply, stored and spoken.',
    unit: 's',
    labels: { outcome: OUTCOMES },
    buckets: TURN_BUCKETS,
  }),
  voice_turn_first_response_seconds: histogram({
    help: 'Time from the end of speech to the first word and sound of a reply. text and sound: as the agent sent them, by its own clock, from when it had received the speech. seen and heard: as the learner perceived them, told by clients that measure it, from the end of speech as the client knows it. Never mix the two pairs.',
    unit: 's',
    labels: { kind: ['text', 'sound', 'seen', 'heard'] },
    buckets: TURN_BUCKETS,
  }),
  voice_turn_stage_duration_seconds: histogram({
    help: 'Time that each stage took of a turn; the stages of a turn add up to its duration.',
    unit: 's',
    labels: { stage: STAGES },
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10],
  }),
  voice_slo_turns_total: counter({
    help: 'Turns as the SLO sees them: good is answered with its first response inside the limit; what the learner broke off, sent empty or was refused for good reason counts as neither.',
    unit: '{turn}',
    labels: { verdict: ['good', 'bad'] },
  }),
  sessions_active: gauge({
    help: 'Sessions of this instance that were active within SESSION_ACTIVE_S.',
    unit: '{session}',
  }),
  sessions_total: counter({ help: 'Sessions created; a resumed one is not created again.', unit: '{session}' }),
  session_duration_seconds: histogram({
    help: 'Time from a session’s start or resumption to its last activity, recorded when it ends or expires.',
    unit: 's',
    buckets: [10, 30, 60, 120, 180, 300, 600, 1800, 3600],
  }),
  conversation_exchanges_total: counter({
    help: 'Exchanges that were stored, by the intent of the learner’s words.',
    unit: '{exchange}',
    labels: { intent: INTENTS },
  }),
  conversation_quality_score: histogram({
    help: 'Quality of whole replies, 0 to 1; the formula is in docs/scoring.md.',
    unit: '{score}',
    buckets: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  }),
  user_engagement_score: gauge({
    help: 'Mean engagement of the active sessions, 0 to 1; no sample while there are none. The formula is in docs/scoring.md.',
    unit: '{score}',
  }),
};
