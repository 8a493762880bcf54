import { byId } from './dom.ts';

export type State = 'connecting' | 'offline' | 'idle' | 'listening' | 'thinking' | 'speaking';

const WORDS: Record<State, string> = {
  connecting: 'Connecting',
  offline: 'Not connected; trying again',
  idle: 'Ready: hold Space or the button and speak, or write',
  listening: 'Listening: release to send',
  thinking: 'Thinking',
  speaking: 'Speaking: press Esc or talk to interrupt',
};
const HANDS_FREE: Partial<Record<State, string>> = {
  idle: 'Just speak: I’m listening',
  listening: 'I hear you',
};
/** The quietest that shows, in decibels below full scale. */
const FLOOR_DB = -60;

/** Shows what the page is doing, and how loud the learner is. */
export function createStatus() {
  const words = byId('state', HTMLElement);
  const level = byId('level', HTMLMeterElement);
  const talk = byId('talk', HTMLButtonElement);
  const stop = byId('stop', HTMLButtonElement);
  let loudest = 0;

  // NOTE: frames come 31 times a second; the eye and the layout have enough with one picture each.
  function draw(): void {
    const value = Math.round(Math.max(0, 1 - (20 * Math.log10(loudest + 1e-9)) / FLOOR_DB) * 50) / 50;
    loudest = 0;
    if (value === level.value) return;
    level.value = value;
    talk.style.setProperty('--level', String(value));
  }
  return {
    show(state: State, handsFree: boolean): void {
      document.body.dataset.state = state;
      const text = (handsFree && HANDS_FREE[state]) || WORDS[state];
      if (words.textContent !== text) words.textContent = text;
      const online = state !== 'connecting' && state !== 'offline';
      talk.disabled = !online;
      talk.ariaPressed = String(state === 'listening');
      stop.hidden = state !== 'thinking' && state !== 'speaking';
    },
    /** One frame of the microphone, samples of -1 to 1; none says that it is off. */
    hear(frame?: Float32Array): void {
      document.body.dataset.microphone = frame ? 'on' : 'off';
      loudest = frame ? Math.sqrt(frame.reduce((sum, sample) => sum + sample * sample, 0) / frame.length) : 0;
      requestAnimationFrame(draw);
    },
  };
}
export type Status = ReturnType<typeof createStatus>;
