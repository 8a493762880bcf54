import { FRAME_MS, framesIn } from '../listening/frames.ts';
import type { Listener } from '../listening/index.ts';
import { createUtterance, type Utterance, type UtteranceRecord } from '../listening/utterance.ts';
import { createHandsFree } from './hands-free.ts';
import { createMicrophone } from './microphone.ts';
import { createPushToTalk } from './push-to-talk.ts';
import type { Hearing, Status } from './status.ts';
import { Discarded, type Talk } from './talk.ts';

/** The microphone stays open a while, so that the next press is not waited for. */
const KEEP_OPEN_MS = 30_000;
/** What is shorter is a slip of the finger. */
const SHORTEST_FRAMES = framesIn(250);

export type VoiceDeps = {
  talk: Talk;
  buttons: { talk: HTMLButtonElement; handsFree: HTMLButtonElement };
  status: Status;
  tell: (problem: unknown) => void;
  /** Hears when speaking begins and ends, and when hands-free is switched. */
  onChange: () => void;
};

/** The learner's voice. Held down, the button or the space bar speaks; hands-free, whoever speaks has the word. */
export function createVoice({ talk, buttons, status, tell, onChange }: VoiceDeps) {
  const listenHandsFree = createHandsFree();
  /** What is said between press and release. */
  let held: UtteranceRecord | undefined;
  let heldFrames = 0;
  let listener: Listener | undefined;
  /** What the listener hears being said. */
  let spoken: Utterance | undefined;
  /** Changes with every switch of hands-free: what was begun for another wish is unwanted. */
  let wish = 0;
  let idle: ReturnType<typeof setTimeout> | undefined;

  const microphone = createMicrophone({
    frame(frame) {
      status.hear(frame);
      if (!held) listener?.hear(frame);
      else {
        heldFrames += 1;
        held.add([frame]);
      }
    },
    lost(why) {
      off();
      tell(why);
    },
  });

  async function press(): Promise<void> {
    const mine = createUtterance(FRAME_MS);
    listener?.discard(new Discarded());
    held = mine;
    heldFrames = 0;
    talk.interrupt();
    onChange();
    try {
      await openMicrophone();
      // NOTE: a browser's question for permission takes longer than anybody holds a key.
      if (held === mine) talk.speak(mine);
      else tell('The microphone is on now: hold and speak.');
    } catch (thrown) {
      push.stop();
      tell(thrown);
    }
  }

  function release(): void {
    if (heldFrames < SHORTEST_FRAMES) held?.fail(new Discarded());
    held?.end({ by: 'stop', silenceMs: 0 });
    held = undefined;
    closeLater();
    onChange();
  }

  async function switchOn(): Promise<void> {
    const mine = ++wish;
    setPressed(true);
    buttons.handsFree.ariaBusy = 'true';
    onChange();
    try {
      await openMicrophone();
      const made = await listenHandsFree({
        onSpeech: hearSpeech,
        onFailed(error) {
          switchOff();
          tell(`${error.message}. Hold the button to talk instead.`);
        },
        onOverrun: () =>
          tell('This machine is too slow for hands-free just now: words may get lost. Hold the button to talk.'),
      });
      if (mine === wish) listener = made;
      else made.stop();
    } catch (thrown) {
      if (mine !== wish) return;
      switchOff();
      tell(thrown);
    } finally {
      if (mine === wish) buttons.handsFree.ariaBusy = null;
      onChange();
    }
  }

  function switchOff(): void {
    wish += 1;
    setPressed(false);
    buttons.handsFree.ariaBusy = null;
    listener?.stop();
    listener = undefined;
    closeLater(0);
    onChange();
  }
  function setPressed(on: boolean): void {
    buttons.handsFree.ariaPressed = String(on);
  }

  /** Speaking breaks in on whatever the companion does. */
  function hearSpeech(utterance: Utterance): void {
    spoken = utterance;
    const over = () => {
      if (spoken === utterance) spoken = undefined;
      onChange();
    };
    utterance.ended.then(over, over);
    try {
      talk.speak(utterance);
    } catch (thrown) {
      tell(thrown);
    }
    onChange();
  }

  /** What is being said is no turn, for this reason. */
  function breakOff(reason: Error): void {
    held?.fail(reason);
    push.stop();
    listener?.discard(reason);
  }
  /** Hears no more; what is being said ends here. */
  function off(): void {
    push.stop();
    switchOff();
  }

  async function openMicrophone(): Promise<void> {
    clearTimeout(idle);
    await microphone.open();
  }

  function closeLater(afterMs = KEEP_OPEN_MS): void {
    clearTimeout(idle);
    if (listener || held) return;
    idle = setTimeout(() => {
      microphone.close();
      status.hear();
    }, afterMs);
  }

  const push = createPushToTalk(buttons.talk, { start: () => void press(), stop: release, held: onChange });
  buttons.handsFree.addEventListener('click', () => {
    if (buttons.handsFree.ariaPressed === 'true') switchOff();
    else void switchOn();
  });
  return {
    /** Whether the learner is speaking. */
    get speaking() {
      return held !== undefined || spoken !== undefined;
    },
    get hearing(): Hearing {
      if (held) return push.held ? 'held' : 'pressed';
      if (listener) return 'hands-free';
      return buttons.handsFree.ariaBusy === 'true' ? 'loading' : 'off';
    },
    /** Takes back what is being said; false when nothing is. */
    discard(): boolean {
      const was = held !== undefined || spoken !== undefined;
      breakOff(new Discarded());
      return was;
    },
    /** The connection is gone, and what is being said with it: that is told, for it can't be sent again. */
    lose: () => breakOff(new Error('The connection was lost while you spoke: say it again when it is back.')),
    off,
  };
}
