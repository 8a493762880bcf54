import type { DatedCapture } from '../conversation/ports.ts';
import { asMarkdown } from './markdown.ts';

/** A session as the notebook names it. */
export type Chapter = { id: string; createdAt: Date };

/** How a notebook is written down, piece by piece. */
export interface NotebookFormat {
  type: string;
  extension: string;
  begin(exportedAt: Date): string;
  chapter(chapter: Chapter, first: boolean): string;
  exchange(capture: DatedCapture, first: boolean): string;
  endChapter(): string;
  end(chapters: number): string;
}

const json: NotebookFormat = {
  type: 'application/json; charset=utf-8',
  extension: 'json',
  begin: (exportedAt) => `{"exported_at":${JSON.stringify(exportedAt)},"sessions":[`,
  chapter({ id, createdAt }, first) {
    const head = JSON.stringify({ session_id: id, created_at: createdAt }).slice(0, -1);
    return `${first ? '' : ','}\n${head},"exchanges":[`;
  },
  exchange(capture, first) {
    const { timestamp, userText, agentText, costUsd, metadata } = capture;
    const exchange = {
      timestamp,
      user_text: userText,
      agent_text: agentText,
      intent: metadata.intent,
      cost_usd: costUsd,
      interrupted: metadata.interrupted,
    };
    return `${first ? '' : ','}\n${JSON.stringify(exchange)}`;
  },
  endChapter: () => ']}',
  end: () => ']}\n',
};

/** A moment in UTC, to the minute. */
const minute = (at: Date) => at.toISOString().slice(0, 16).replace('T', ' ');

const markdown: NotebookFormat = {
  type: 'text/markdown; charset=utf-8',
  extension: 'md',
  begin: (exportedAt) => `# Learning notes\n\nExported ${minute(exportedAt)} UTC.\n`,
  chapter: ({ id, createdAt }) => `\n## ${minute(createdAt)} UTC, session \`${id}\`\n`,
  exchange({ timestamp, sessionCreatedAt, userText, agentText, metadata }) {
    const [at, begun] = [minute(timestamp), minute(sessionCreatedAt)];
    const when = at.slice(0, 10) === begun.slice(0, 10) ? at.slice(11) : at;
    const brokenOff = metadata.interrupted ? ' (interrupted)' : '';
    return `\n**You** (${when}): ${asMarkdown(userText)}\n\n**Agent**${brokenOff}: ${asMarkdown(agentText)}\n`;
  },
  endChapter: () => '',
  end: (chapters) => (chapters === 0 ? '\nNothing has been said yet.\n' : ''),
};

/** The formats of an export, by the name that is asked for. */
export const NOTEBOOK_FORMATS = { json, markdown };

/** Writes pages of captures, which come session by session; one piece for each page. `only` is written even if it has no captures. */
export async function* writeNotebook(
  format: NotebookFormat,
  pages: AsyncIterable<DatedCapture[]>,
  { exportedAt, only }: { exportedAt: Date; only?: Chapter },
): AsyncGenerator<string> {
  let chapters = 0;
  let open: string | undefined;
  let first = true;
  const turnTo = (chapter: Chapter): string => {
    if (open === chapter.id) return '';
    const text = (open === undefined ? '' : format.endChapter()) + format.chapter(chapter, chapters === 0);
    open = chapter.id;
    chapters += 1;
    first = true;
    return text;
  };
  yield format.begin(exportedAt) + (only ? turnTo(only) : '');
  for await (const page of pages) {
    let text = '';
    for (const capture of page) {
      text += turnTo({ id: capture.sessionId, createdAt: capture.sessionCreatedAt });
      text += format.exchange(capture, first);
      first = false;
    }
    yield text;
  }
  yield (open === undefined ? '' : format.endChapter()) + format.end(chapters);
}
