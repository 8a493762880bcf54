import { createRest, ProblemError } from '../client/index.ts';
import { showBudget } from './budget-view.ts';
import { byId } from './dom.ts';
import { createLink } from './link.ts';
import { createMemory } from './memory/memory.ts';
import { plainWords } from './plain-words.ts';
import { createPlayer } from './player.ts';
import { createStatus } from './status.ts';
import { createTalk } from './talk.ts';
import { createTokenDialog } from './token-dialog.ts';
import { createTranscript } from './turn-view.ts';
import { createViews } from './views.ts';
import { createVoice } from './voice.ts';
import { createWrite } from './write.ts';

const WRONG_TOKEN = 'This token is not known here: check it, or ask the operator for another.';
/** Exchanges that are shown again when a session goes on. */
const SHOWN_AGAIN = 20;

const offline = byId('offline', HTMLElement);
const speak = byId('speak', HTMLButtonElement);
const talkButton = byId('talk', HTMLButtonElement);
const welcome = byId('welcome', HTMLElement);

const status = createStatus();
const transcript = createTranscript(byId('log', HTMLElement), byId('announcement', HTMLElement));
const player = createPlayer(show);
const tell = (thrown: unknown) => transcript.note(plainWords(thrown), 'problem');
const rest = () => createRest({ url: location.origin, token: link.token });

const link = createLink(
  {
    opened(resumed) {
      talk.hush();
      show();
      transcript.clear(welcome);
      if (resumed) recall().catch(tell);
    },
    online: show,
    offline(why) {
      voice.lose();
      player.silence();
      offline.textContent = plainWords(why);
      show();
    },
    refused: () => askForToken(link.token && WRONG_TOKEN),
    problem: tell,
  },
  () => speak.ariaPressed === 'true',
);
const askForToken = createTokenDialog(link.enter);
const talk = createTalk({ client: () => link.client, transcript, player, onChange: show });
const voice = createVoice({
  talk,
  buttons: { talk: talkButton, handsFree: byId('hands-free', HTMLButtonElement) },
  status,
  tell,
  onChange: show,
});
createWrite(talk, { say: voice.discard, problem: tell });

const memory = createMemory(byId('memory-view', HTMLElement), {
  rest,
  current: () => link.sessionId,
  resume(sessionId) {
    openView('talk');
    talkButton.focus();
    enter(sessionId);
  },
  forgotten() {
    link.leave();
    enter();
  },
});
const openView = createViews((view) => {
  if (view !== 'memory') return;
  // Nobody is heard where nothing shows it.
  voice.off();
  void memory.show();
});

/** Opens a session; what is being said or done in the one before ends. */
function enter(sessionId?: string): void {
  voice.discard();
  talk.interrupt();
  void link.open(sessionId);
}

/** What the page is doing, told in one place. */
function show(): void {
  const { online } = link;
  const busy = player.playing ? 'speaking' : talk.waiting > 0 ? 'thinking' : 'idle';
  status.show(
    online ? (voice.speaking ? 'listening' : busy) : link.everOnline ? 'offline' : 'connecting',
    voice.hearing,
  );
  offline.hidden = online || offline.textContent === '';
  if (online) showBudget(byId('budget', HTMLElement), link.client.budget);
}

/** A session that goes on shows what it was about. */
async function recall(): Promise<void> {
  const { sessionId } = link.client;
  try {
    const { history } = await rest().history(sessionId, { limit: SHOWN_AGAIN });
    // Meanwhile the learner may have gone to another.
    if (link.sessionId === sessionId) transcript.past(history);
  } catch (thrown) {
    // A session in which nothing was said yet, or that was forgotten meanwhile.
    if (!(thrown instanceof ProblemError && thrown.kind === 'not_found')) throw thrown;
  }
}

async function end(): Promise<void> {
  voice.discard();
  talk.interrupt();
  const { exchanges, topics, remember } = await link.client.end();
  link.leave();
  await link.open();
  const about = topics.length > 0 ? ` about ${topics.join(', ')}` : '';
  const kept = remember ? ` Remember: “${remember}”` : '';
  transcript.note(`The session is over: ${exchanges} ${exchanges === 1 ? 'exchange' : 'exchanges'}${about}.${kept}`);
}

speak.addEventListener('click', () => {
  const on = speak.ariaPressed !== 'true';
  speak.ariaPressed = String(on);
  if (!on) talk.hush();
  link.setSpeak(on).catch(tell);
});
byId('stop', HTMLButtonElement).addEventListener('click', talk.interrupt);
byId('end', HTMLButtonElement).addEventListener('click', () => end().catch(tell));
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.isComposing || document.querySelector('dialog[open]')) return;
  if (!voice.discard()) talk.interrupt();
});
for (const gesture of ['pointerup', 'click', 'keydown']) document.addEventListener(gesture, player.unlock);
// Whoever clicked a button of this view with the mouse goes on talking with the space bar.
byId('talk-view', HTMLElement).addEventListener('click', ({ target, detail }) => {
  if (detail > 0 && target instanceof HTMLButtonElement && target === document.activeElement) target.blur();
});

rest()
  .info()
  .then(({ providers }) => {
    byId('sandbox', HTMLElement).hidden = providers !== 'sandbox';
  }, tell);
await link.open();
