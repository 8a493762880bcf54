import type { AudioFormat } from '../conversation/ports.ts';
import type { PerceivedTurn } from '../conversation/watchers.ts';

/** Tells that the request is over, once; `seconds` from its head to the end of the answer. Status 499: the client left before. */
export type HttpFinished = (method: string, status: string, seconds: number) => void;

/** Watches the doors from outside. Whoever records implements it, and folds what it does not know; no method may throw. */
export interface EdgeWatcher {
  /** `endpoint` is a route's template, or `other` where no route matched. Metrics and health routes are not told: watching is no traffic. */
  httpStarted(endpoint: string): HttpFinished;
  socketOpened(): void;
  socketClosed(seconds: number): void;
  /** One Socket.IO event, whatever its name; acknowledgements, connects and disconnects are none. */
  message(direction: 'received' | 'sent', type: string): void;
  /** The first word of a reply was seen, or its first sound heard, so many seconds after the end of speech: as its client says, and as can be. */
  perceived(kind: 'seen' | 'heard', seconds: number): void;
  /** A turn whose client brought a span of its own and left it to us to tell. Once a turn, when it is over. */
  clientTurn(turn: PerceivedTurn): void;
  /** Audio of a known container, as long as it took to identify it. */
  audioReceived(format: AudioFormat, bytes: number, seconds: number): void;
}
