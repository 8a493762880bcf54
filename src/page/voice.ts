import { FRAME_MS } from '../listening/frames.ts';
import type { Listener } from '../listening/index.ts';
import { createUtterance, type Utterance, type UtteranceRecord } from '../listening/utterance.ts';
import { listenHandsFree } from './hands-free.ts';
import { createMicrophone } from './microphone.ts';
import { createPushToTalk } from './push-to-talk.ts';
import type { Status } from './status.ts';
import { Discarded, type Talk } from './talk.ts';

/** The microphone stays open a while, so that the next press is not waited for. */
const KEEP_OPEN_MS = 30_000;

export type VoiceDeps = {
  talk: Talk;
  buttons: { talk: HTMLButtonElement; handsFree: HTMLButtonElement };
  status: Status;
  tell: (problem: string) => void;
  /** Hears when speaking begins and ends, and when hands-free is switched. */
  onChange: () => void;
};

/** The learner's voice. Held down, the button or the space bar speaks; hands-free, whoever speaks has the word. */
export function createVoice({ talk, buttons, status, tell, onChange }: VoiceDeps) {
  /** What is said between press and release. */
  let held: UtteranceRecord | undefined;
  let listener: Listener | undefined;
  /** What the listener hears being said. */
  let spoken: Utterance | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;

  const microphone = createMicrophone({
    frame(frame) {
      status.hear(frame);
      if (held) held.add([frame]);
      else listener?.hear(frame);
    },
    lost(why) {
      push.stop();
      switchOff();
      tell(why);
    },
  });

  async function press(): Promise<void> {
    const mine = createUtterance(FRAME_MS);
    held = mine;
    talk.interrupt();
    onChange();
    try {
      await openMicrophone();
      // NOTE: a browser's question for permission takes longer than anybody holds a key.
      if (held === mine) talk.speak(mine);
      else tell('The microphone is on now: hold and speak.');
    } catch (thrown) {
      push.stop();
      tell((thrown as Error).message);
    }
  }

  function release(): void {
    held?.end({ by: 'stop', silenceMs: 0 });
    held = undefined;
    closeLater();
    onChange();
  }

  async function switchOn(): Promise<void> {
    buttons.handsFree.ariaPressed = 'true';
    buttons.handsFree.ariaBusy = 'true';
    try {
      await openMicrophone();
      listener = await listenHandsFree({
        onSpeech: hearSpeech,
        onFailed(error) {
          switchOff();
          tell(`${error.message} Hold the button to talk instead.`);
        },
        onOverrun: () =>
          tell('This machine is too slow for hands-free just now: words may get lost. Hold the button to talk.'),
      });
      if (buttons.handsFree.ariaPressed !== 'true') switchOff();
    } catch (thrown) {
      switchOff();
      tell((thrown as Error).message);
    } finally {
      buttons.handsFree.ariaBusy = null;
      onChange();
    }
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
      tell((thrown as Error).message);
    }
    onChange();
  }

  function switchOff(): void {
    buttons.handsFree.ariaPressed = 'false';
    listener?.stop();
    listener = undefined;
    closeLater(0);
    onChange();
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

  const push = createPushToTalk(buttons.talk, { start: () => void press(), stop: release });
  buttons.handsFree.addEventListener('click', () => {
    if (buttons.handsFree.ariaPressed === 'true') switchOff();
    else void switchOn();
  });
  return {
    /** Whether the learner is speaking. */
    get listening() {
      return held !== undefined || spoken !== undefined;
    },
    /** Whether the learner may just speak. */
    get handsFree() {
      return listener !== undefined;
    },
    /** Takes back what is being said while the button is held; false when nothing is. */
    discard(): boolean {
      if (!held) return false;
      held.fail(new Discarded());
      push.stop();
      return true;
    },
  };
}
