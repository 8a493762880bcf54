import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { SearchHit } from '../conversation/ports.ts';
import { type CaptureRow, captureFrom } from './sql-rows.ts';

const MAX_QUERY_CHARS = 1000;
const MAX_WORDS = 32;
const SNIPPET_WORDS = 24;
const SNIPPET_CHARS = 160;

/** What the index knows a word by, signs that a word may consist of, and signs that only stand around one. */
const INDEXED = /[\p{L}\p{N}]/u;
const MEANT_SIGN = /[\p{So}\p{Sm}\p{Sc}#]/u;
const AROUND_WORDS = /^[("'[{<]+|[)"'\]}>?!.,:;]+$/gu;
const TYPED_END = /[\p{L}\p{N}\p{M}]$/u;

/** `match`: an FTS5 expression, '' when no word has a letter or digit. `literals`: what must stand in a text as it is written. */
export type SearchTerms = { match: string; literals: string[] };

/**
 * Takes any string apart. Each word becomes a quoted FTS5 phrase, in which no operator means anything, and the last one a prefix,
 * as people search while they type. The index drops signs, so words that live by them (`c++`, `c#`, `5€`, emoji) are looked for
 * as they are written, too.
 */
export function searchTerms(query: string): SearchTerms {
  const text = query.slice(0, MAX_QUERY_CHARS);
  const words = [...new Set(text.split(/[\s\p{C}]+/u).filter(Boolean))].slice(0, MAX_WORDS);
  const indexed = words.filter((word) => INDEXED.test(word));
  const literals = words.map((word) => word.replace(AROUND_WORDS, '')).filter((word) => MEANT_SIGN.test(word));
  if (indexed.length === 0) return { match: '', literals: literals.length > 0 ? literals : words.slice(0, 1) };
  const phrases = indexed.map((word) => `"${word.replaceAll('"', '""')}"`).join(' ');
  const typing = TYPED_END.test(text) && text.endsWith(indexed.at(-1) ?? '');
  return { match: typing ? `${phrases} *` : phrases, literals };
}

/** Best first by bm25, the newest first among equals; an empty query finds nothing. */
export async function search(knex: Knex, query: string, limit: number): Promise<SearchHit[]> {
  const { match, literals } = searchTerms(query);
  if (match === '' && literals.length === 0) return [];
  // NOTE: marks are made for each search, so that no stored text can contain them.
  const mark = randomUUID();
  const [open, close] = [`(${mark}`, `${mark})`];
  const snippet = (column: number) =>
    knex.raw('snippet(captures_fts, ?, ?, ?, ?, ?)', [column, open, close, '…', SNIPPET_WORDS]);

  const found = knex('captures').select('captures.*').limit(limit);
  for (const literal of literals) {
    const like = `%${literal.replace(/[\\%_]/g, '\\$&')}%`;
    found.whereRaw(`(captures.user_text like ? escape '\\' or captures.agent_text like ? escape '\\')`, [like, like]);
  }
  if (match === '') {
    const rows: CaptureRow[] = await found.orderBy('captures.id', 'desc');
    return rows.map((row) => ({
      ...captureFrom(row),
      userSnippet: literalSnippet(row.user_text, literals),
      agentSnippet: literalSnippet(row.agent_text, literals),
    }));
  }
  const rows: (CaptureRow & { user_snippet: string; agent_snippet: string })[] = await found
    .select({ user_snippet: snippet(0), agent_snippet: snippet(1) })
    .join('captures_fts', 'captures_fts.rowid', 'captures.id')
    .whereRaw('captures_fts match ?', [match])
    .orderBy([{ column: 'captures_fts.rank' }, { column: 'captures.id', order: 'desc' }]);
  const marked = (text: string) => escapeHtml(text).replaceAll(open, '<mark>').replaceAll(close, '</mark>');
  return rows.map((row) => ({
    ...captureFrom(row),
    userSnippet: marked(row.user_snippet),
    agentSnippet: marked(row.agent_snippet),
  }));
}

function literalSnippet(text: string, literals: string[]): string {
  const pattern = new RegExp(
    literals.map((literal) => literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'),
    'gi',
  );
  const first = Math.max(0, text.search(pattern) - SNIPPET_CHARS / 4);
  const last = first + SNIPPET_CHARS;
  const shown = text.slice(first, last).toWellFormed();
  const pieces = shown.split(pattern).map(escapeHtml);
  const hits = (shown.match(pattern) ?? []).map((hit) => `<mark>${escapeHtml(hit)}</mark>`);
  const body = pieces.map((piece, index) => piece + (hits[index] ?? '')).join('');
  return `${first > 0 ? '…' : ''}${body}${last < text.length ? '…' : ''}`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
