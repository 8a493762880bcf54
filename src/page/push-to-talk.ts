/** A press that is shorter only starts; the next one ends. For those who can't hold a key while they speak. */
const TAP_MS = 300;
/** The agent takes a minute; what is longer would be refused after it was said. */
const LONGEST_MS = 55_000;
const KEEPS_SPACE = 'input, textarea, select, button, a, summary, dialog';

/**
 * Talking while the button, or the space bar, is held down. `start` and `stop` come strictly in turns, `held` when a short
 * press has left it on. Space is left alone where it means something else: in a field, on another button, while the button
 * is out of sight.
 */
export function createPushToTalk(
  button: HTMLButtonElement,
  on: { start: () => void; stop: () => void; held: () => void },
): { readonly held: boolean; stop(): void } {
  let talking = false;
  let pressedAt: number | undefined;
  let spaceIsDown = false;
  let longest: ReturnType<typeof setTimeout> | undefined;

  function stop(): void {
    if (!talking) return;
    talking = false;
    pressedAt = undefined;
    clearTimeout(longest);
    on.stop();
  }
  function press(at?: number): void {
    if (button.ariaDisabled === 'true') return;
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
    else {
      pressedAt = undefined;
      on.held();
    }
  }
  const isOurs = ({ key, target, ctrlKey, altKey, metaKey, shiftKey }: KeyboardEvent) =>
    key === ' ' &&
    !(ctrlKey || altKey || metaKey || shiftKey) &&
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
    if (event.repeat) return;
    spaceIsDown = true;
    press(performance.now());
  });
  document.addEventListener('keyup', (event) => {
    // Wherever the focus went while the key was down.
    if (event.key !== ' ' || !spaceIsDown) return;
    spaceIsDown = false;
    event.preventDefault();
    release();
  });
  window.addEventListener('blur', stop);
  return {
    /** Whether it lasts as long as the key is down, rather than until the next press. */
    get held() {
      return pressedAt !== undefined;
    },
    stop,
  };
}
