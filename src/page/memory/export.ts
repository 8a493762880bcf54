import type { Rest } from '../../client/index.ts';
import { h } from '../dom.ts';
import { trouble } from './words.ts';

const FORMATS = { json: 'JSON', markdown: 'Markdown' } as const;
type Format = keyof typeof FORMATS;

/** Buttons that save a session as a file, or everything where no session is named; what came of it stands beside them. */
export function exportButtons({ rest, sessionId }: { rest: () => Rest; sessionId?: string }): HTMLElement {
  const outcome = h('span', { class: 'outcome', role: 'status' });
  let underway = false;

  async function save(format: Format): Promise<void> {
    // NOTE: a button that is disabled would lose the focus.
    if (underway) return;
    underway = true;
    outcome.textContent = 'Exporting…';
    try {
      const { blob, filename } = await rest().export(format, sessionId === undefined ? {} : { sessionId });
      download(blob, filename);
      outcome.textContent = `Saved as ${filename}.`;
    } catch (thrown) {
      outcome.textContent = trouble(thrown);
    } finally {
      underway = false;
    }
  }
  const what = sessionId === undefined ? 'Export everything as' : 'Export as';
  const buttons = (Object.keys(FORMATS) as Format[]).map((format) => {
    const name = FORMATS[format];
    return h('button', { type: 'button', 'aria-label': `${what} ${name}`, onclick: () => void save(format) }, name);
  });
  return h('span', { class: 'export' }, what, ...buttons, outcome);
}

/** NOTE: a plain link could not carry the access token, so the file is fetched and handed over. */
function download(blob: Blob, filename: string): void {
  const href = URL.createObjectURL(blob);
  h('a', { href, download: filename }).click();
  // NOTE: browsers read the blob after the click has returned.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
