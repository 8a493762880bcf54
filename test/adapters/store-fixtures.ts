import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import { createSqlStore } from '../../src/adapters/sql-store.ts';
import type { Cost, NewCapture, Store } from '../../src/conversation/ports.ts';
import { temporaryDir } from '../support/temporary-dir.ts';

export const NOW = new Date('2026-03-01T12:00:00.000Z');

export const COSTS: Cost[] = [
  { provider: 'openai', model: 'whisper-1', units: { seconds: 3.2 }, usd: 0.000_32 },
  { provider: 'anthropic', model: 'claude-haiku-4-5', units: { input: 210, output: 40 }, usd: 0.000_41 },
];

export function capture(sessionId: string, given: Partial<Omit<NewCapture, 'sessionId'>> = {}): NewCapture {
  return {
    sessionId,
    timestamp: NOW,
    userText: 'What is recursion?',
    agentText: 'A function that calls itself.',
    costUsd: 0.000_73,
    metadata: { turnId: randomUUID(), intent: 'question', interrupted: false, quality: 0.8, source: 'speech' },
    ...given,
  };
}

/** A store that is closed at the end of the scope. */
export async function openStore(url: string): Promise<AsyncDisposable & { store: Store }> {
  const store = await createSqlStore({ url });
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

/** A store in a file of its own, closed and removed at the end of the scope. */
export async function fileStore(): Promise<AsyncDisposable & { store: Store; file: string; url: string }> {
  const dir = await temporaryDir();
  const file = join(dir.path, 'made', 'agent.db');
  const url = `sqlite:${file}`;
  const { store } = await openStore(url);
  return {
    store,
    file,
    url,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** Saves one capture for each pair of texts, in one session that it opens. */
export async function remember(
  store: Store,
  sessionId: string,
  ...texts: [user: string, agent?: string][]
): Promise<void> {
  await store.openSession(sessionId, NOW);
  for (const [userText, agentText = 'Good question.'] of texts) {
    await store.saveTurn(capture(sessionId, { userText, agentText }), []);
  }
}

/** What another program sees and does in the file: rows of one statement. */
export async function sql<Row = Record<string, unknown>>(file: string, statement: string): Promise<Row[]> {
  const database = new sqlite3.Database(file);
  try {
    return await new Promise((resolve, reject) => {
      database.all<Row>(statement, (error, rows) => (error ? reject(error) : resolve(rows)));
    });
  } finally {
    await new Promise((resolve) => database.close(resolve));
  }
}

/** Throws when the index and the captures disagree. NOTE: rank 1 is what makes the check read the captures too. */
export async function checkIndex(file: string): Promise<void> {
  await sql(file, `insert into captures_fts(captures_fts, rank) values ('integrity-check', 1)`);
}
