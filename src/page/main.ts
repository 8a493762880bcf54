import { createRest, ProblemError } from '../client/index.ts';
import { showBudget } from './budget-view.ts';
import { byId } from './dom.ts';
import { createLink } from './link.ts';
import { createMemory } from './memory/memory.ts';
import { createPlayer } from './player.ts';
import { createStatus } from './status.ts';
import { createTalk } from './talk.ts';
import { createTokenDialog } from './token-dialog.ts';
import { createTranscript } from './turn-view.ts';
import { createViews } from './views.ts';
import { createVoice } from './voice.ts';
import { createWrite } from './write.ts';

/** Exchanges that are shown again when a session goes on. */
const SHOWN_AGAIN = 20;

const offline = byId('offline', HTMLElement);
const speak = byId('speak', HTMLButtonElement);
const welcome = byId('welcome', HTMLElement);

const status = createStatus();
const transcript = createTranscript(byId('log', HTMLElement));
const player = createPlayer(show);
const tell = (message: string) => transcript.note(message, 'problem');
const rest = () => createRest({ url: location.origin, token: link.token });

const link = createLink(
  {
    opened(resumed) {
      show();
      transcript.clear(welcome);
      if (resumed) recall().catch((thrown: Error) => tell(thrown.message));
    },
    online: show,
    offline({ message }) {
      voice.discard();
      player.silence();
      offline.textContent = message;
      show();
    },
    refused: ({ message }) => askForToken(link.token && message),
    problem: ({ message }) => tell(message),
  },
  () => speak.ariaPressed === 'true',
);
const askForToken = createTokenDialog(link.enter);
const talk = createTalk({ client: () => link.client, transcript, player, onChange: show });
const voice = createVoice({
  talk,
  buttons: { talk: byId('talk', HTMLButtonElement), handsFree: byId('hands-free', HTMLButtonElement) },
  status,
  tell,
  onChange: show,
});
createWrite(talk, tell);
const memory = createMemory(byId('memory-view', HTMLElement), {
  rest,
  current: () => (link.online ? link.client.sessionId : undefined),
  resume(sessionId) {
    openView('talk');
    void link.open(sessionId);
  },
  forgotten(sessionId) {
    if (link.online && sessionId !== link.client.sessionId) return;
    link.leave();
    void link.open();
  },
});
const openView = createViews((view) => {
  if (view === 'memory') void memory.show();
});

/** What the page is doing, told in one place. */
function show(): void {
  const { online } = link;
  const busy = player.playing ? 'speaking' : talk.waiting > 0 ? 'thinking' : 'idle';
  status.show(
    online ? (voice.listening ? 'listening' : busy) : link.everOnline ? 'offline' : 'connecting',
    voice.handsFree,
  );
  offline.hidden = online || offline.textContent === '';
  if (online) showBudget(byId('budget', HTMLElement), link.client.budget);
}

/** A session that goes on shows what it was about. */
async function recall(): Promise<void> {
  const { sessionId } = link.client;
  try {
    const { history } = await rest().history(sessionId, { limit: SHOWN_AGAIN });
    for (const { user_text: user, agent_text: agent } of history) transcript.past(user, agent);
  } catch (thrown) {
    // A session in which nothing was said yet, or that was forgotten meanwhile.
    if (!(thrown instanceof ProblemError && thrown.kind === 'not_found')) throw thrown;
  }
}

async function end(): Promise<void> {
  const { exchanges, topics, remember } = await link.client.end();
  link.leave();
  await link.open();
  const about = topics.length > 0 ? ` about ${topics.join(', ')}` : '';
  transcript.note(
    `The session is over: ${exchanges} ${exchanges === 1 ? 'exchange' : 'exchanges'}${about}. ${remember}`,
  );
}

speak.addEventListener('click', () => {
  const on = speak.ariaPressed !== 'true';
  speak.ariaPressed = String(on);
  if (!on) player.silence();
  if (link.online) link.client.setSpeak(on).catch((thrown: Error) => tell(thrown.message));
});
byId('stop', HTMLButtonElement).addEventListener('click', talk.interrupt);
byId('end', HTMLButtonElement).addEventListener('click', () => end().catch((thrown: Error) => tell(thrown.message)));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !document.querySelector('dialog[open]')) voice.discard() || talk.interrupt();
});
document.addEventListener('pointerdown', player.unlock, { once: true });
document.addEventListener('keydown', player.unlock, { once: true });

rest()
  .info()
  .then(
    ({ providers }) => {
      byId('sandbox', HTMLElement).hidden = providers !== 'sandbox';
    },
    (thrown: Error) => tell(thrown.message),
  );
await link.open();
