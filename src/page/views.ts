import { byId } from './dom.ts';

const VIEWS = ['talk', 'memory'] as const;
export type View = (typeof VIEWS)[number];

/** Switches between talking and memory; `opened` hears each time that one is opened by the learner. */
export function createViews(opened: (view: View) => void): (view: View) => void {
  const parts = VIEWS.map((view) => ({
    view,
    button: byId(`show-${view}`, HTMLButtonElement),
    main: byId(`${view}-view`, HTMLElement),
  }));
  function open(view: View): void {
    for (const part of parts) {
      const mine = part.view === view;
      part.main.hidden = !mine;
      part.button.setAttribute('aria-pressed', String(mine));
    }
    opened(view);
  }
  for (const { view, button } of parts) button.addEventListener('click', () => open(view));
  return open;
}
