import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createSqlStore } from '../../src/adapters/sql-store.ts';
import { COSTS, capture, NOW } from './store-fixtures.ts';

// Saves turns for ever, several at once, and prints the id of each one that was acknowledged.
const store = await createSqlStore({ url: process.argv[2] ?? '' });
await store.openSession('s1', NOW);
async function talk(): Promise<void> {
  for (;;) {
    const { metadata } = await store.saveTurn(
      capture('s1', { metadata: { ...capture('s1').metadata, turnId: randomUUID() } }),
      COSTS,
    );
    // NOTE: written at once: what console.log still held would be lost to the kill.
    writeSync(1, `${metadata.turnId}\n`);
  }
}
await Promise.all([talk(), talk(), talk()]);
