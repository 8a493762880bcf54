import express from 'express';
import { z } from 'zod';
import type { Conversation } from '../../conversation/conversation.ts';
import type { Capture, SessionOverview, Store } from '../../conversation/ports.ts';
import { MAX_QUERY_CHARS, rowLimit, sessionId } from '../protocol.ts';
import { check, checkQuery } from '../validate.ts';
import { type Route, requireBody, unknownSession } from './route.ts';

const search = z.object({ query: z.string().max(MAX_QUERY_CHARS), limit: rowLimit });
const sessionsOf = z.object({ limit: rowLimit });
const historyOf = z.object({ session_id: sessionId, limit: rowLimit });

export type MemoryDeps = {
  conversation: Conversation;
  store: Pick<Store, 'history' | 'search' | 'session' | 'sessions' | 'stats'>;
};

/** What was said: found, counted, listed, and forgotten. */
export function memoryRoutes({ conversation, store }: MemoryDeps): Route[] {
  return [
    {
      path: '/api/search',
      endpoint: '/api/search',
      access: 'token',
      methods: {
        post: [
          requireBody('application/json'),
          express.json({ limit: 64 * 1024 }),
          async (req, res) => {
            const { query, limit } = check(search, req.body, 'http');
            const hits = await store.search(query, limit);
            const results = hits.map((hit) => ({
              ...said(hit),
              session_id: hit.sessionId,
              user_snippet: hit.userSnippet,
              agent_snippet: hit.agentSnippet,
            }));
            res.json({ query, results, count: results.length });
          },
        ],
      },
    },
    {
      path: '/api/stats',
      endpoint: '/api/stats',
      access: 'token',
      methods: {
        get: [
          async (_req, res) => {
            const stats = await store.stats();
            const ids = conversation.activeIds();
            res.json({
              database: {
                total_captures: stats.totalCaptures,
                unique_sessions: stats.uniqueSessions,
                last_capture: stats.lastCapture?.toISOString() ?? null,
              },
              sessions: { active: ids.length, ids },
            });
          },
        ],
      },
    },
    {
      path: '/api/sessions',
      endpoint: '/api/sessions',
      access: 'token',
      methods: {
        get: [
          async (req, res) => {
            const { limit } = checkQuery(sessionsOf, req.query);
            const sessions = (await store.sessions(limit)).map(overview);
            res.json({ sessions, count: sessions.length });
          },
        ],
      },
    },
    {
      path: '/api/session/:id/history',
      endpoint: '/api/session/{id}/history',
      access: 'token',
      methods: {
        get: [
          async (req, res) => {
            const asked = checkQuery(historyOf, { ...req.query, session_id: req.params.id });
            const captures = await store.history(asked.session_id, asked.limit);
            if (captures.length === 0 && (await store.session(asked.session_id)) === undefined)
              throw unknownSession(asked.session_id);
            const history = captures.map((capture) => ({ ...said(capture), metadata: metadata(capture) }));
            res.json({ session_id: asked.session_id, history, count: history.length });
          },
        ],
      },
    },
    {
      path: '/api/session/:id',
      endpoint: '/api/session/{id}',
      access: 'token',
      methods: {
        delete: [
          async (req, res) => {
            const { session_id: id } = check(
              z.object({ session_id: sessionId }),
              { session_id: req.params.id },
              'http',
            );
            if (!(await conversation.forget(id))) throw unknownSession(id);
            res.status(204).end();
          },
        ],
      },
    },
  ];
}

function said(capture: Capture) {
  const { id, timestamp, userText, agentText } = capture;
  return { id, timestamp: timestamp.toISOString(), user_text: userText, agent_text: agentText };
}

function overview(session: SessionOverview) {
  return {
    session_id: session.id,
    created_at: session.createdAt.toISOString(),
    last_activity: session.lastActivity.toISOString(),
    ended_at: session.endedAt?.toISOString() ?? null,
    status: session.status,
    exchange_count: session.exchangeCount,
    first_words: session.firstWords,
  };
}

function metadata({ metadata, costUsd }: Capture) {
  const { turnId, intent, interrupted, quality, source } = metadata;
  return { turn_id: turnId, intent, interrupted, quality, source, cost_usd: costUsd };
}
