import { loudness } from '../listening/frames.ts';
import { byId } from './dom.ts';

export type State = 'connecting' | 'offline' | 'idle' | 'listening' | 'thinking' | 'speaking';

/** How the learner is being heard: not at all, while a key is held, until the next press, or whenever he speaks. */
export type Hearing = 'off' | 'held' | 'pressed' | 'hands-free' | 'loading';

const WORDS = {
  connecting: 'Connecting',
  offline: 'Not connected; trying again',
  idle: 'Ready: hold Space or the button and speak, or write',
  loading: 'Getting ready to listen',
  handsFree: 'Just speak: I’m listening',
  held: 'Listening: release to send',
  pressed: 'Listening: press again to send, Esc takes it back',
  listening: 'I hear you',
  thinking: 'Thinking',
  speaking: 'Speaking: talk or press Esc to interrupt',
};

/** The state in words, by how the learner is being heard. */
function wordsFor(state: State, hearing: Hearing): string {
  if (state === 'listening' && (hearing === 'held' || hearing === 'pressed')) return WORDS[hearing];
  if (state === 'idle' && hearing === 'loading') return WORDS.loading;
  if (state === 'idle' && hearing === 'hands-free') return WORDS.handsFree;
  return WORDS[state];
}

/** The quietest that shows, in decibels below full scale. */
const FLOOR_DB = -60;

/** Shows what the page is doing, and how loud the learner is. */
export function createStatus() {
  const words = byId('state', HTMLElement);
  const level = byId('level', HTMLMeterElement);
  const talk = byId('talk', HTMLButtonElement);
  const stop = byId('stop', HTMLButtonElement);
  let loudest = 0;
  let drawing = false;

  // NOTE: frames come 31 times a second; the eye and the layout have enough with one picture each.
  function draw(): void {
    drawing = false;
    const value = Math.round(Math.max(0, 1 - (20 * Math.log10(loudest + 1e-9)) / FLOOR_DB) * 50) / 50;
    loudest = 0;
    if (value === level.value) return;
    level.value = value;
    talk.style.setProperty('--level', String(value));
  }
  return {
    show(state: State, hearing: Hearing): void {
      document.body.dataset.state = state;
      const text = wordsFor(state, hearing);
      if (words.textContent !== text) words.textContent = text;
      const offline = state === 'connecting' || state === 'offline';
      talk.setAttribute('aria-disabled', String(offline));
      talk.ariaPressed = String(state === 'listening');
      const idle = state !== 'thinking' && state !== 'speaking';
      // Who pressed it must not lose his place.
      if (idle && document.activeElement === stop) talk.focus();
      stop.hidden = idle;
    },
    /** One frame of the microphone, samples of -1 to 1; none says that it is off. */
    hear(frame?: Float32Array): void {
      document.body.dataset.microphone = frame ? 'on' : 'off';
      loudest = frame ? Math.max(loudest, loudness(frame)) : 0;
      if (drawing) return;
      drawing = true;
      requestAnimationFrame(draw);
    },
  };
}
export type Status = ReturnType<typeof createStatus>;
