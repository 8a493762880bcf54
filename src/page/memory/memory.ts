import type { Rest } from '../../client/index.ts';
import { h } from '../dom.ts';
import { exportButtons } from './export.ts';
import { createForget } from './forget.ts';
import { createOpened } from './opened.ts';
import { createOverview } from './overview.ts';

export type MemoryDeps = {
  /** The agent, with the learner's token as it is now. */
  rest: () => Rest;
  /** Takes a past session up again. */
  resume: (sessionId: string) => void;
  /** The session that is talked in, if any. */
  current: () => string | undefined;
  /** The session that is talked in was deleted. */
  forgotten: (sessionId: string) => void;
};

/** The view of what was said: past sessions, found by their words, read, taken up again, exported and deleted. */
export interface Memory {
  /** Shows the list, loaded afresh; resolves when it is there, or says why it is not. */
  show(): Promise<void>;
}

export function createMemory(root: HTMLElement, { rest, resume, current, forgotten }: MemoryDeps): Memory {
  const news = h('p', { class: 'news', role: 'status' });
  const overview = createOverview({
    rest,
    current,
    open(chosen) {
      news.textContent = '';
      list.hidden = true;
      void opened.open(chosen);
    },
  });
  const list = h('div', { class: 'list' }, exportButtons({ rest }), overview.element);
  const forget = createForget({ rest, gone: (sessionId) => void afterDeletion(sessionId) });
  const opened = createOpened({
    rest,
    current,
    resume,
    forget: forget.ask,
    back() {
      toList();
      overview.focus();
    },
  });

  function toList(): void {
    opened.close();
    list.hidden = false;
  }
  async function afterDeletion(sessionId: string): Promise<void> {
    toList();
    if (sessionId === current()) forgotten(sessionId);
    await overview.refresh();
    overview.focus();
    news.textContent = 'The session is gone.';
  }

  root.classList.add('memory');
  root.append(h('h2', { id: 'memory-title' }, 'Memory'), news, list, opened.element, forget.element);
  return {
    show() {
      news.textContent = '';
      toList();
      return overview.refresh();
    },
  };
}
