import type { Knex } from 'knex';

/** Marks the file as the agent's (`LVA1`), as SQLite's header has a field for. */
const APPLICATION_ID = 0x4c564131;

async function createTables(knex: Knex): Promise<void> {
  await knex.schema.createTable('sessions', (table) => {
    table.string('session_id', 128).primary();
    table.datetime('created_at').notNullable();
    table.datetime('last_activity').notNullable();
    table.datetime('ended_at');
    table.integer('exchange_count').notNullable().defaultTo(0);
    table.string('status', 16).notNullable().defaultTo('active').checkIn(['active', 'ended', 'expired']);
  });
  await knex.schema.createTable('captures', (table) => {
    table.increments('id');
    table.string('session_id', 128).notNullable().references('sessions.session_id').onDelete('CASCADE');
    table.string('turn_id', 64).notNullable().unique();
    table.datetime('timestamp').notNullable();
    table.text('user_text').notNullable();
    table.text('agent_text').notNullable();
    table.text('metadata').notNullable();
    table.double('cost_usd').notNullable();
    table.index(['session_id', 'id']);
  });
  await knex.schema.createTable('costs', (table) => {
    table.increments('id');
    table.string('session_id', 128).references('sessions.session_id').onDelete('SET NULL');
    table.string('turn_id', 64).notNullable();
    table.datetime('timestamp').notNullable();
    table.string('provider', 32).notNullable();
    table.string('model', 128).notNullable();
    table.text('units').notNullable();
    table.double('usd');
    // Both sums of a budget are read from an index alone.
    table.index(['timestamp', 'usd']);
    table.index(['session_id', 'timestamp', 'usd']);
  });
}

/**
 * The index holds no text of its own; it reads `captures`. NOTE: so SQLite cannot know what a row said before: each change
 * must hand the old words back in a 'delete' command, or the index keeps them for ever as ghosts.
 */
async function createSearchIndex(knex: Knex): Promise<void> {
  const forgetOld = `insert into captures_fts(captures_fts, rowid, user_text, agent_text)
    values ('delete', old.id, old.user_text, old.agent_text);`;
  const addNew = `insert into captures_fts(rowid, user_text, agent_text)
    values (new.id, new.user_text, new.agent_text);`;
  const statements = [
    // No stemming: a prefix of a word does not always begin with the word's stem ("runni", "run").
    `create virtual table captures_fts using fts5(user_text, agent_text,
      content='captures', content_rowid='id', tokenize='unicode61 remove_diacritics 2')`,
    // Forgotten words leave the index's pages at once, not at some later merge.
    `insert into captures_fts(captures_fts, rank) values ('secure-delete', 1)`,
    `create trigger captures_fts_insert after insert on captures begin ${addNew} end`,
    `create trigger captures_fts_delete after delete on captures begin ${forgetOld} end`,
    `create trigger captures_fts_update after update of id, user_text, agent_text on captures begin ${forgetOld} ${addNew} end`,
  ];
  for (const statement of statements) await knex.raw(statement);
}

/** For lists of sessions: the latest activity first, or in the order of their beginnings. */
async function createSessionIndexes(knex: Knex): Promise<void> {
  await knex.schema.alterTable('sessions', (table) => {
    table.index(['last_activity', 'session_id']);
    table.index(['created_at', 'session_id']);
  });
}

type Step = { name: string; up: (knex: Knex) => Promise<void> };

/** In order. What has been released is never changed: a change is a step more. */
const STEPS: Step[] = [
  { name: '001_tables', up: createTables },
  { name: '002_search_index', up: createSearchIndex },
  { name: '003_session_indexes', up: createSessionIndexes },
];

const migrationSource: Knex.MigrationSource<Step> = {
  getMigrations: async () => STEPS,
  getMigrationName: ({ name }) => name,
  getMigration: async ({ name, up }) => ({
    up,
    down: () => Promise.reject(new Error(`Migration ${name} only goes forwards: restore a backup instead.`)),
  }),
};

/**
 * Brings the schema up to date: all of it or nothing, and safe when two processes start at once.
 * NOTE: the first statement writes, so the second process waits here, before it has read anything; and knex's own lock row,
 * which a killed process could leave behind, is freed under that lock. A crash rolls everything back.
 */
export async function migrate(knex: Knex): Promise<void> {
  await knex.transaction(async (trx) => {
    await trx.raw(`pragma application_id = ${APPLICATION_ID}`);
    const config = { migrationSource, tableName: 'migrations' };
    await trx.migrate.forceFreeMigrationsLock(config);
    await trx.migrate.latest(config);
  });
}
