import { QUERY_OPERATIONS, QUERY_TABLES } from '../catalog/dependencies.ts';
import type { Instruments } from '../instruments.ts';
import { fold } from './fold.ts';

/** Watches SQL statements, told by the store's adapter as they end. */
export function watchQueries(instruments: Instruments) {
  return (query: { operation: string; table: string; seconds: number; failed: boolean }): void => {
    const labels = { operation: fold(QUERY_OPERATIONS, query.operation), table: fold(QUERY_TABLES, query.table) };
    instruments.database_queries_total.add(1, { ...labels, status: query.failed ? 'error' : 'success' });
    instruments.database_query_duration_seconds.record(query.seconds, labels);
  };
}
