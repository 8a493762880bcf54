import type { Moment } from '../witness.ts';

declare global {
  var witness: { take(): Moment[]; has(what: Moment['what']): boolean };
}

{
  let moments: Moment[] = [];
  const note = (what: Moment['what'], atMs = performance.now()) => void moments.push({ what, atMs });
  const seen = new WeakMap<Element, Set<string>>();

  /** Notes what a turn shows for the first time, in the frame that draws it. */
  function look(turn: Element): void {
    const parts = seen.get(turn) ?? new Set();
    seen.set(turn, parts);
    const shows = {
      transcript: turn.querySelector('.you:not(.waiting)') !== null,
      'first word': turn.querySelector('.agent')?.textContent !== '',
      reply: turn.getAttribute('aria-busy') === 'false',
    };
    for (const [what, shown] of Object.entries(shows) as [keyof typeof shows, boolean][]) {
      if (!shown || parts.has(what)) continue;
      parts.add(what);
      requestAnimationFrame(() => note(what));
    }
  }

  document.addEventListener('DOMContentLoaded', () => {
    const { body } = document;
    let listening = false;
    new MutationObserver(() => {
      const now = body.dataset.state === 'listening';
      if (listening && !now) note('end noticed');
      listening = now;
    }).observe(body, { attributeFilter: ['data-state'] });
    const log = document.getElementById('log') as HTMLElement;
    new MutationObserver(() => {
      for (const turn of log.querySelectorAll('.turn')) look(turn);
    }).observe(log, { subtree: true, childList: true, characterData: true, attributeFilter: ['class', 'aria-busy'] });
  });
  document.addEventListener('keydown', ({ key, timeStamp }) => key === 'Escape' && note('Esc', timeStamp), true);

  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) {
    if (typeof data === 'string' && data.includes('["interrupt"')) note('interrupt sent');
    send.call(this, data);
  };

  globalThis.witness = {
    take() {
      const taken = moments;
      moments = [];
      return taken;
    },
    has: (wanted) => moments.some(({ what }) => what === wanted),
  };
}
