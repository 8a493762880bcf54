/** A piece of a snippet as it is read: `marked` where the search found its words. */
export type Segment = { text: string; marked: boolean };

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

/**
 * Takes a snippet of POST /api/search apart. It is escaped HTML in which only the search's own `<mark>` is a tag, so
 * every tag that comes out of an entity, `<mark>` too, is the speaker's own words.
 */
export function segments(snippet: string): Segment[] {
  const found: Segment[] = [];
  let marked = false;
  for (const piece of snippet.split(/(<\/?mark>)/)) {
    if (piece === '<mark>' || piece === '</mark>') marked = piece === '<mark>';
    else if (piece !== '') found.push({ text: unescapeHtml(piece), marked });
  }
  return found;
}

// NOTE: one pass, or `&amp;lt;` would end as `<`.
function unescapeHtml(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}
