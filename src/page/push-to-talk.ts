/** A press that is shorter only starts; the next one ends. For those who can't hold a key while they speak. */
const TAP_MS = 300;
/** The agent takes a minute; what is longer would be refused after it was said. */
const LONGEST_MS = 55_000;
const KEEPS_SPACE = 'input, textarea, select, button, a, summary, dialog';

/**
 * Talking while the button, or the space bar, is held down. `start` and `stop` come strictly in turns. Space is left
 * alone where it means something else: in a field, on another button, while the button is out of sight.
 */
export function createPushToTalk(
  button: HTMLButtonElement,
  on: { start: () => void; stop: () => void },
): { stop(): void } {
  let talking = false;
  let pressedAt: number | undefined;
  let longest: ReturnType<typeof setTimeout> | undefined;

  function stop(): void {
    if (!talking) return;
    talking = false;
    pressedAt = undefined;
    clearTimeout(longest);
    on.stop();
  }
  function press(at?: number): void {
    if (button.disabled) return;
    if (talking) {
      stop();
      return;
    }
    talking = true;
    pressedAt = at;
    longest = setTimeout(stop, LONGEST_MS);
    on.start();
  }
  function release(): void {
    if (pressedAt === undefined) return;
    if (performance.now() - pressedAt >= TAP_MS) stop();
    else pressedAt = undefined;
  }
  const isOurs = ({ key, target }: KeyboardEvent) =>
    key === ' ' &&
    button.checkVisibility() &&
    (target === button || !(target instanceof Element && target.closest(KEEPS_SPACE)));

  button.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    press(performance.now());
  });
  button.addEventListener('pointerup', release);
  button.addEventListener('pointercancel', stop);
  // Enter, or what a screen reader does: there is nothing to hold.
  button.addEventListener('click', (event) => {
    if (event.detail === 0) press();
  });
  document.addEventListener('keydown', (event) => {
    if (!isOurs(event)) return;
    event.preventDefault();
    if (!event.repeat) press(performance.now());
  });
  document.addEventListener('keyup', (event) => {
    if (!isOurs(event)) return;
    event.preventDefault();
    release();
  });
  window.addEventListener('blur', stop);
  return { stop };
}
