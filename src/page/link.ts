import { connect, type ProblemError, type VoiceClient } from '../client/index.ts';

const RETRY_MS = 2000;
const SESSION = 'session';
const TOKEN = 'token';

/** The page's connection to its agent: one session, kept across reloads, reconnections and tokens. */
export interface Link {
  /** The open session's client; throws while there is no connection. */
  readonly client: VoiceClient;
  readonly online: boolean;
  /** Whether it ever was. */
  readonly everOnline: boolean;
  readonly token: string | undefined;
  /** The session that is open, or will be again. */
  readonly sessionId: string | undefined;
  /** Asks for spoken replies or no longer, now or with the next connection. */
  setSpeak(on: boolean): Promise<void>;
  /** Opens a session: the one with this id, else the one that this tab had, else a new one. */
  open(sessionId?: string): Promise<void>;
  /** Connects anew with this token, which stays in this tab only. */
  enter(token: string): void;
  /** Lets go of the session; the next `open` starts a new one. */
  leave(): void;
}

export type LinkEvents = {
  /** The session is open: `resumed` when the tab, or the learner, brought its id. */
  opened: (resumed: boolean) => void;
  /** Open again after the connection was lost. */
  online: () => void;
  offline: (why: ProblemError) => void;
  /** The agent wants a token, or another one. */
  refused: (why: ProblemError) => void;
  /** What the agent complains of beside turns. */
  problem: (problem: ProblemError) => void;
};

/** `speak` says whether replies shall be spoken. */
export function createLink(on: LinkEvents, speak: () => boolean): Link {
  let client: VoiceClient | undefined;
  let attempt = 0;
  let everOnline = false;

  async function open(sessionId = sessionStorage.getItem(SESSION) ?? undefined): Promise<void> {
    const mine = ++attempt;
    const asked = speak();
    client?.close();
    client = undefined;
    try {
      const opened = await connect({
        url: location.origin,
        token: sessionStorage.getItem(TOKEN) ?? undefined,
        sessionId,
        speak: asked,
        onOnline: on.online,
        onOffline: (why) => {
          if (mine !== attempt) return;
          if (why.kind === 'disconnected') on.offline(why);
          else failed(why, mine, sessionId);
        },
        onProblem: on.problem,
      });
      if (mine !== attempt) {
        opened.close();
        return;
      }
      client = opened;
      // What was switched while it was connecting.
      if (speak() !== asked) await client.setSpeak(speak());
      everOnline = true;
      sessionStorage.setItem(SESSION, client.sessionId);
      on.opened(sessionId !== undefined);
    } catch (thrown) {
      if (mine === attempt) failed(thrown as ProblemError, mine, sessionId);
    }
  }

  function failed(why: ProblemError, mine: number, sessionId: string | undefined): void {
    if (why.kind === 'unauthorized') {
      on.refused(why);
      return;
    }
    if (why.kind === 'bad_input' && sessionId !== undefined) {
      // The tab's session id is none that the agent takes: a new session is better than none.
      leave();
      void open().then(() => on.problem(why));
      return;
    }
    on.offline(why);
    setTimeout(() => mine === attempt && open(sessionId), (why.retryAfterS ?? RETRY_MS / 1000) * 1000);
  }

  function leave(): void {
    sessionStorage.removeItem(SESSION);
  }

  return {
    get client() {
      if (client?.connected) return client;
      throw new Error('Not connected: wait until the connection is back, then say it again.');
    },
    get online() {
      return client?.connected ?? false;
    },
    get everOnline() {
      return everOnline;
    },
    get token() {
      return sessionStorage.getItem(TOKEN) ?? undefined;
    },
    get sessionId() {
      return sessionStorage.getItem(SESSION) ?? undefined;
    },
    async setSpeak(on) {
      await client?.setSpeak(on);
    },
    open,
    enter(token) {
      sessionStorage.setItem(TOKEN, token);
      void open();
    },
    leave,
  };
}
