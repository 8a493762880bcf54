import type { Store } from '../conversation/ports.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { migrate } from './migrations.ts';
import { databaseError, openDatabase } from './sql-database.ts';
import { eraseSignposts } from './sql-erasure.ts';
import { capturesAfter, latestSessions } from './sql-notebook.ts';
import { observeQueries, PING, type QueryObserver } from './sql-queries.ts';
import { type CaptureRow, captureFrom, captureRow, costRow, type SessionRow, sessionFrom } from './sql-rows.ts';
import { search } from './sql-search.ts';

export type SqlStoreOptions = { url: string; log?: Logger; onQuery?: QueryObserver };

/** The store over knex, its schema brought up to date. Throws AppError when the database cannot be used. */
export async function createSqlStore({ url, log, onQuery }: SqlStoreOptions): Promise<Store> {
  const database = openDatabase(url);
  const { write, read } = database;
  if (onQuery) for (const client of new Set([write, read])) observeQueries(client, onQuery);
  try {
    await migrate(write);
  } catch (thrown) {
    await database.close();
    throw databaseError(thrown);
  }

  return {
    // NOTE: every transaction's first statement writes. One that reads first cannot become a writer once another process has
    // written in between: SQLite fails it at once, whatever the busy timeout.
    saveTurn: guarded(async (capture, costs) => {
      const row = captureRow(capture);
      const id = await write.transaction(async (trx) => {
        const known = await trx('sessions')
          .where({ session_id: capture.sessionId })
          .update({ last_activity: row.timestamp, exchange_count: trx.raw('exchange_count + 1') });
        if (known === 0) throw unknownSession(capture.sessionId);
        const [saved] = await trx('captures').insert(row, ['id']);
        if (costs.length > 0) {
          const mine = { session_id: capture.sessionId };
          await trx('costs').insert(
            costs.map((cost) => ({ ...mine, ...costRow(row.turn_id, capture.timestamp, cost) })),
          );
        }
        return saved.id as number;
      });
      return { id, ...capture };
    }),

    saveCosts: guarded(async (turnId, sessionId, timestamp, costs) => {
      if (costs.length === 0) return;
      // A session that was forgotten meanwhile stays forgotten: such costs are nobody's.
      const session_id = write('sessions').select('session_id').where({ session_id: sessionId });
      await write('costs').insert(costs.map((cost) => ({ session_id, ...costRow(turnId, timestamp, cost) })));
    }),

    history: guarded(async (sessionId, limit) => {
      const newest = await read<CaptureRow>('captures')
        .where({ session_id: sessionId })
        .orderBy('id', 'desc')
        .limit(limit);
      return newest.reverse().map(captureFrom);
    }),

    search: guarded((query, limit) => search(read, query, limit)),

    stats: guarded(async () => {
      const counts = read('captures').count('*', { as: 'captures' }).countDistinct('session_id', { as: 'sessions' });
      const [row] = await counts.max('timestamp', { as: 'last' });
      return {
        totalCaptures: Number(row?.captures),
        uniqueSessions: Number(row?.sessions),
        lastCapture: row?.last ? new Date(row.last) : null,
      };
    }),

    openSession: guarded((sessionId, now) => {
      const at = now.toISOString();
      return write.transaction(async (trx) => {
        const [created]: SessionRow[] = await trx('sessions')
          .insert({ session_id: sessionId, created_at: at, last_activity: at }, ['*'])
          .onConflict('session_id')
          .ignore();
        if (created) return { session: sessionFrom(created), created: true };
        const [resumed] = await trx('sessions')
          .where({ session_id: sessionId })
          .update({ status: 'active', last_activity: at, ended_at: null }, ['*']);
        return { session: sessionFrom(resumed), created: false };
      });
    }),

    session: guarded(async (sessionId) => {
      const row = await read<SessionRow>('sessions').where({ session_id: sessionId }).first();
      return row && sessionFrom(row);
    }),

    sessions: guarded((limit) => latestSessions(read, limit)),
    captures: guarded((limit, from) => capturesAfter(read, limit, from)),

    closeSession: guarded(async (sessionId, status, now) => {
      const open = write('sessions').where({ session_id: sessionId, status: 'active' });
      await open.update({ status, ended_at: now.toISOString() });
    }),

    expireIdle: guarded(async (before) => {
      const at = before.toISOString();
      await write('sessions')
        .where({ status: 'active' })
        .where('last_activity', '<', at)
        .update({ status: 'expired', ended_at: write.ref('last_activity') });
    }),

    forget: guarded(async (sessionId) => {
      // By foreign key its captures go with it and its costs lose its id; the index rows go by trigger.
      const forgotten = await write.transaction(async (trx) => {
        const sessions = await trx('sessions').where({ session_id: sessionId }).del();
        if (sessions > 0) await eraseSignposts(trx);
        return sessions > 0;
      });
      if (!forgotten) return false;
      // The words would stay in the WAL, deleted or not, until something overwrites them.
      const [checkpoint] = await write.raw('pragma wal_checkpoint(truncate)');
      if (checkpoint?.busy)
        log?.warn('forgotten words stay in the WAL file until a reader of another process lets go of it');
      return true;
    }),

    spentUsd: guarded(async ({ since, sessionId }) => {
      const costs = read('costs').sum('usd', { as: 'usd' });
      if (since) costs.where('timestamp', '>=', since.toISOString());
      if (sessionId !== undefined) costs.where({ session_id: sessionId });
      const [row] = await costs;
      return row?.usd ?? 0;
    }),

    activeConnections: database.activeConnections,
    ping: guarded(async () => {
      await write.raw(PING);
    }),
    close: guarded(() => database.close()),
  };
}

function guarded<Args extends unknown[], T>(work: (...args: Args) => Promise<T>): (...args: Args) => Promise<T> {
  return async (...args) => {
    try {
      return await work(...args);
    } catch (thrown) {
      throw databaseError(thrown);
    }
  };
}

function unknownSession(sessionId: string): AppError {
  return new AppError('not_found', 'database', `Session ${sessionId} is not known, or was forgotten: start it again.`);
}
