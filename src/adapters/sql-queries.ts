import type { Knex } from 'knex';

/** One SQL statement that is over. `table` is '' where a statement names none (begin, commit, pragma). */
export type Query = { operation: string; table: string; seconds: number; failed: boolean };

/** Hears of every statement, those of transactions included. Must not throw. */
export type QueryObserver = (query: Query) => void;

/** The health check's statement, which no counter counts. NOTE: it changes nothing and yet needs to write, so it fails where a turn would. */
export const PING = 'update sessions set status = status where session_id is null';

type QueryEvent = { __knexQueryUid: string; sql: string };

/** Tells the observer what knex' own events say: counted per statement, not per call of the store. */
export function observeQueries(client: Knex, observer: QueryObserver): void {
  const started = new Map<string, number>();
  const over = ({ __knexQueryUid: id, sql }: QueryEvent, failed: boolean) => {
    const at = started.get(id);
    if (at === undefined) return;
    started.delete(id);
    observer({ ...describe(sql), seconds: (performance.now() - at) / 1000, failed });
  };
  client.on('query', ({ __knexQueryUid: id, sql }: QueryEvent) => {
    if (sql !== PING) started.set(id, performance.now());
  });
  client.on('query-response', (_response: unknown, query: QueryEvent) => over(query, false));
  client.on('query-error', (_error: unknown, query: QueryEvent) => over(query, true));
}

/** What a statement does and to which table, from its first words. */
export function describe(sql: string): { operation: string; table: string } {
  const operation = /^\s*(?:with\b[\s\S]*?\)\s*)?([a-z]+)/i.exec(sql)?.[1]?.toLowerCase() ?? '';
  const table = /\b(?:from|into|update)\s+[`"[]?(\w+)/i.exec(sql)?.[1]?.toLowerCase() ?? '';
  return { operation, table };
}
