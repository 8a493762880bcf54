import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import knex, { type Knex } from 'knex';
import type { Database as SqliteConnection } from 'sqlite3';
import { AppError } from '../errors.ts';

/** SQLite as it likes to be used: one connection that writes, and others that read beside it. */
export type SqlDatabase = {
  write: Knex;
  read: Knex;
  activeConnections(): number;
  close(): Promise<void>;
};

const READERS = 2;
const BUSY_TIMEOUT_MS = 5000;
const ACQUIRE_TIMEOUT_MS = 10_000;

/**
 * WAL lets readers go on while a turn is written.
 * NOTE: synchronous=FULL. NORMAL survives kill -9 as well, but syncs the WAL at checkpoints only, and so forgets the last turns
 * when the machine loses power. An acknowledged turn is worth an fsync: measured 0.89 ms a turn, against 0.83 ms with NORMAL.
 * secure_delete overwrites what is deleted with zeros.
 */
const PRAGMAS = `
  pragma busy_timeout = ${BUSY_TIMEOUT_MS};
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma foreign_keys = on;
  pragma secure_delete = on;
  pragma temp_store = memory;
`;

/** Opens the database of a `DATABASE_URL`; its folder is made when missing. Throws AppError. */
export function openDatabase(url: string): SqlDatabase {
  const filename = sqliteFile(url);
  const inMemory = filename === ':memory:';
  if (!inMemory) {
    try {
      mkdirSync(dirname(filename), { recursive: true, mode: 0o700 });
    } catch (thrown) {
      throw databaseError(thrown);
    }
  }
  const write = connect(filename, 1);
  // An in-memory database belongs to its one connection.
  const read = inMemory ? write : connect(filename, READERS);
  const clients = new Set([write, read]);
  return {
    write,
    read,
    activeConnections: () => [...clients].reduce((sum, { client }) => sum + (client.pool?.numUsed() ?? 0), 0),
    close: async () => {
      // The writer last: closing the last connection folds the WAL back into the file.
      for (const client of [...clients].reverse()) await client.destroy();
    },
  };
}

function connect(filename: string, max: number): Knex {
  return knex({
    client: 'sqlite3',
    connection: { filename },
    useNullAsDefault: true,
    // NOTE: else knex writes the values of a failed statement, the learner's words, into the error's message.
    compileSqlOnError: false,
    // What goes wrong is thrown; knex would print it as well.
    log: { warn: () => {}, error: () => {}, deprecate: () => {}, debug: () => {} },
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    pool: {
      // min = max: SQLite's connections are files; none is worth closing for being idle.
      min: max,
      max,
      afterCreate: (connection: SqliteConnection, done: (error: Error | null) => void) =>
        connection.exec(PRAGMAS, done),
    },
  });
}

function sqliteFile(url: string): string {
  const file = /^sqlite:(?:\/\/)?(.+)$/s.exec(url)?.[1];
  if (file) return file;
  // NOTE: only the scheme is shown, the rest may hold a password.
  const scheme = /^[a-z+]+(?=:)/i.exec(url)?.[0] ?? '(none)';
  throw new AppError(
    'internal',
    'database',
    `DATABASE_URL has the scheme "${scheme}", and only SQLite is supported so far: set DATABASE_URL=sqlite:./data/agent.db, or sqlite::memory: for a trial.`,
  );
}

const UNAVAILABLE: Record<string, string> = {
  SQLITE_BUSY: 'is locked by another process: end it, or wait',
  SQLITE_LOCKED: 'is locked: try again',
  SQLITE_READONLY: 'is read-only: let the agent write to its file and folder',
  SQLITE_PERM: 'may not be opened: let the agent read and write its file',
  SQLITE_AUTH: 'may not be opened: let the agent read and write its file',
  SQLITE_FULL: 'has no room left on its disk: free some',
  SQLITE_IOERR: 'cannot be read or written: check its disk',
  SQLITE_CANTOPEN: 'cannot be opened: check that DATABASE_URL names a file in a folder that the agent may write',
  SQLITE_CORRUPT: 'is damaged: restore a backup',
  SQLITE_NOTADB: 'is no SQLite database: check DATABASE_URL',
  EACCES: 'has a folder that may not be made: check DATABASE_URL',
  EPERM: 'has a folder that may not be made: check DATABASE_URL',
  EROFS: 'has a folder on a read-only disk: check DATABASE_URL',
  ENOSPC: 'has no room left on its disk: free some',
  ENOTDIR: 'has a file where its folder should be: check DATABASE_URL',
  EEXIST: 'has a file where its folder should be: check DATABASE_URL',
};

/** What an operator can cure is `provider_unavailable` (503) and says how; all else is a bug of ours. */
export function databaseError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code, name, message } = thrown as { code?: string; name?: string; message?: string };
  const cure =
    UNAVAILABLE[code ?? ''] ??
    (name === 'KnexTimeoutError' ? 'is too busy to give out a connection: try again' : undefined) ??
    (message === 'Unable to acquire a connection' || message === 'aborted'
      ? 'is closed: the agent is stopping'
      : undefined);
  if (cure)
    return new AppError('provider_unavailable', 'database', `The database ${cure}.`, { cause: thrown, status: 503 });
  return new AppError('internal', 'database', 'The database refused a statement; the log has the details.', {
    cause: thrown,
  });
}
