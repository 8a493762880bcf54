import type { Knex } from 'knex';
import type { DatedCapture, SessionOverview } from '../conversation/ports.ts';
import { type CaptureRow, captureFrom, type SessionRow, sessionFrom } from './sql-rows.ts';

const FIRST_WORDS_CHARS = 80;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The latest sessions by activity in which something was said, each with its first words: one statement, along indexes. */
export async function latestSessions(knex: Knex, limit: number): Promise<SessionOverview[]> {
  const rows: (SessionRow & { opening: string })[] = await knex('sessions')
    // NOTE: one sign more than is shown tells whether the last one shown is whole.
    .select('sessions.*', { opening: knex.raw('substr(captures.user_text, 1, ?)', [FIRST_WORDS_CHARS + 1]) })
    .join('captures', 'captures.id', firstOf(knex))
    .orderBy([
      { column: 'sessions.last_activity', order: 'desc' },
      { column: 'sessions.session_id', order: 'desc' },
    ])
    .limit(limit);
  return rows.map((row) => ({ ...sessionFrom(row), firstWords: beginning(row.opening) }));
}

const firstOf = (knex: Knex) => knex.raw('(select min(id) from captures where session_id = sessions.session_id)');

/**
 * The next captures after one that was read: what is left of its session, then the sessions that began later. Both parts are
 * ranges of an index, so that a page costs the same wherever it lies; and nothing is held between two pages.
 */
export async function capturesAfter(
  knex: Knex,
  limit: number,
  { sessionId, after }: { sessionId?: string; after?: DatedCapture },
): Promise<DatedCapture[]> {
  const captures = () =>
    knex('captures')
      .select('captures.*', 'sessions.created_at')
      .join('sessions', 'sessions.session_id', 'captures.session_id');
  const rows: (CaptureRow & { created_at: string })[] = [];
  if (after) {
    const same = {
      'captures.session_id': after.sessionId,
      'sessions.created_at': after.sessionCreatedAt.toISOString(),
    };
    const rest = captures().where(same).where('captures.id', '>', after.id);
    rows.push(...(await rest.orderBy('captures.id').limit(limit)));
  }
  const room = limit - rows.length;
  if (room > 0) {
    const later = captures().orderBy(['sessions.created_at', 'sessions.session_id', 'captures.id']).limit(room);
    if (sessionId !== undefined) later.where({ 'captures.session_id': sessionId });
    if (after) {
      const place = [after.sessionCreatedAt.toISOString(), after.sessionId];
      later.whereRaw('(sessions.created_at, sessions.session_id) > (?, ?)', place);
    }
    rows.push(...(await later));
  }
  return rows.map((row) => ({ ...captureFrom(row), sessionCreatedAt: new Date(row.created_at) }));
}

/** How a text begins: whole signs, as readers see them, of at most 80 UTF-16 units together. */
function beginning(text: string): string {
  let end = 0;
  for (const { index, segment } of graphemes.segment(text)) {
    if (index + segment.length > FIRST_WORDS_CHARS) break;
    end = index + segment.length;
  }
  // A single sign that is longer, of many marks, is cut between two of them.
  return end > 0 ? text.slice(0, end) : text.slice(0, FIRST_WORDS_CHARS).replace(/[\uD800-\uDBFF]$/, '');
}
