import type { Remembered, WireReply } from '../client/index.ts';
import { dollars } from './dollars.ts';
import { h } from './dom.ts';
import type { Marks } from './marks.ts';
import { milliseconds, waterfall } from './waterfall.ts';

const NEAR_END_PX = 40;
/** Entries that are kept in sight; older ones are in the memory. */
const MOST_ENTRIES = 200;

const marked = (how: string): (string | Node)[] => [' ', h('em', {}, `(${how})`)];

/** One turn in the transcript. */
export interface TurnView {
  /** The learner's words, as typed or as they were understood. */
  you(text: string): void;
  /** More of the reply. */
  append(text: string): void;
  /** The whole turn, with where its time went and what it cost. */
  finish(reply: WireReply, marks: Marks): void;
  /** The voice was stopped before it had said all. */
  unheard(): void;
  /** Something that went wrong; the words so far stay. */
  problem(message: string): void;
  /** Takes it out again: nothing was said. */
  remove(): void;
}

/**
 * The transcript: turns, one below the other, the newest in sight. What a screen reader should say of its own accord goes
 * to `announcement`: problems, and replies that no voice speaks.
 */
export function createTranscript(log: HTMLElement, announcement: HTMLElement) {
  // It scrolls, by the keyboard too.
  log.tabIndex = 0;
  /** Whoever scrolled up to read is left there. */
  let following = true;
  log.addEventListener('scroll', () => {
    following = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
  });
  const end = () => {
    if (following) log.scrollTop = log.scrollHeight;
  };
  new ResizeObserver(end).observe(log);

  function announce(text: string): void {
    announcement.textContent = text;
  }
  function add(element: HTMLElement): void {
    log.querySelector('.welcome')?.remove();
    log.append(element);
    if (log.childElementCount > MOST_ENTRIES) log.firstElementChild?.remove();
    following = true;
    end();
  }

  return {
    /** A turn whose words are still being said or understood. */
    turn(): TurnView {
      const you = h('p', { class: 'you waiting' }, '…');
      const agent = h('p', { class: 'agent' });
      const more = h('div', { class: 'more' });
      // NOTE: readers wait with an announcement until it is no longer busy, instead of reading every word twice.
      const element = h('article', { class: 'turn', 'aria-label': 'Turn', 'aria-busy': 'true' }, you, agent, more);
      add(element);
      const over = () => element.setAttribute('aria-busy', 'false');
      return {
        you(text) {
          you.classList.remove('waiting');
          you.textContent = text;
          end();
        },
        append(text) {
          agent.append(text);
          end();
        },
        finish(reply, marks) {
          element.dataset.turn = reply.turn_id;
          you.classList.remove('waiting');
          you.textContent = reply.user_text;
          if (reply.user_text === '') you.remove();
          agent.textContent = reply.agent_text;
          if (reply.interrupted) agent.append(...marked('interrupted'));
          for (const note of [reply.speech_problem, reply.budget_warning]) {
            if (note) more.append(h('p', { class: 'problem' }, note));
          }
          more.append(figures(reply, marks));
          if (reply.timings.first_sound_ms === null) announce(reply.agent_text);
          over();
          end();
        },
        unheard: () => agent.append(...marked('voice stopped')),
        problem(message) {
          if (you.classList.contains('waiting')) you.remove();
          more.append(h('p', { class: 'problem' }, message));
          announce(message);
          over();
          end();
        },
        remove: () => element.remove(),
      };
    },
    /** Exchanges of an earlier day, before everything that was said since. */
    past(exchanges: Remembered[]): void {
      if (exchanges.length > 0) log.querySelector('.welcome')?.remove();
      // What was said since may be among them.
      const earlier = exchanges.filter(({ metadata }) => !log.querySelector(`[data-turn="${metadata.turn_id}"]`));
      const turns = earlier.map(({ user_text: user, agent_text: agent, metadata }) => {
        const said = h('p', { class: 'agent' }, agent);
        if (metadata.interrupted) said.append(...marked('interrupted'));
        const facts = h('p', { class: 'figures' }, factsOf(metadata));
        return h(
          'article',
          { class: 'turn', 'aria-label': 'Earlier turn' },
          h('p', { class: 'you' }, user),
          said,
          facts,
        );
      });
      log.prepend(...turns);
      end();
    },
    /** Something that belongs to no turn. */
    note(message: string, kind: 'note' | 'problem' = 'note'): void {
      add(h('p', { class: kind === 'problem' ? 'aside problem' : 'aside' }, message));
      announce(message);
    },
    /** Nothing but this is left. */
    clear(instead: HTMLElement): void {
      log.replaceChildren(instead);
      following = false;
      log.scrollTop = 0;
    },
  };
}
export type Transcript = ReturnType<typeof createTranscript>;

function figures(reply: WireReply, marks: Marks): HTMLElement {
  const sound = marks.get('firstSound');
  const word = marks.get('firstWord');
  const first =
    sound === undefined
      ? word !== undefined && `first word after ${milliseconds(word)}`
      : `first sound after ${milliseconds(sound)}`;
  const facts = [first, factsOf(reply)].filter(Boolean).join(' · ');
  const details = h('details', { class: 'figures' }, h('summary', {}, facts), waterfall(reply.timings, marks));
  details.addEventListener('toggle', () => details.scrollIntoView({ block: 'nearest' }));
  return details;
}

const factsOf = ({ cost_usd: cost, intent }: { cost_usd: number; intent: string }): string =>
  `${dollars(cost)} · ${intent.replace('_', ' ')}`;
