import type { Capture, Cost, NewCapture, SessionRecord } from '../conversation/ports.ts';

// Moments are ISO 8601 text in UTC: people can read them in the file, they sort as they are, and PostgreSQL takes them too.

export type CaptureRow = {
  id: number;
  session_id: string;
  turn_id: string;
  timestamp: string;
  user_text: string;
  agent_text: string;
  metadata: string;
  cost_usd: number;
};

export function captureRow(capture: NewCapture): Omit<CaptureRow, 'id'> {
  return {
    session_id: capture.sessionId,
    turn_id: capture.metadata.turnId,
    timestamp: capture.timestamp.toISOString(),
    user_text: capture.userText,
    agent_text: capture.agentText,
    metadata: JSON.stringify(capture.metadata),
    cost_usd: capture.costUsd,
  };
}

export function captureFrom(row: CaptureRow): Capture {
  return {
    id: row.id,
    sessionId: row.session_id,
    timestamp: new Date(row.timestamp),
    userText: row.user_text,
    agentText: row.agent_text,
    costUsd: row.cost_usd,
    metadata: JSON.parse(row.metadata),
  };
}

export type SessionRow = {
  session_id: string;
  created_at: string;
  last_activity: string;
  ended_at: string | null;
  exchange_count: number;
  status: SessionRecord['status'];
};

export function sessionFrom(row: SessionRow): SessionRecord {
  return {
    id: row.session_id,
    createdAt: new Date(row.created_at),
    lastActivity: new Date(row.last_activity),
    endedAt: row.ended_at === null ? null : new Date(row.ended_at),
    exchangeCount: row.exchange_count,
    status: row.status,
  };
}

/** All of a cost's row but whose it is. */
export function costRow(turnId: string, timestamp: Date, cost: Cost) {
  return {
    turn_id: turnId,
    timestamp: timestamp.toISOString(),
    provider: cost.provider,
    model: cost.model,
    units: JSON.stringify(cost.units),
    usd: cost.usd,
  };
}
