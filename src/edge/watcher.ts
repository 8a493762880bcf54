import type { AudioFormat } from '../conversation/ports.ts';
import type { MessageType } from './protocol.ts';

/** Route templates as the watcher is told them; what matches no route is `other`. Watching is no traffic: metrics and health routes are not here. */
export const ENDPOINTS = [
  '/',
  '/page',
  '/api/conversation',
  '/api/search',
  '/api/stats',
  '/api/session/{id}/history',
  '/api/session/{id}',
  'other',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

export const METHODS = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'other'] as const;
export type Method = (typeof METHODS)[number];

/** What the edge answers; `499` says that the client left before its answer. */
export const STATUSES = [
  '200',
  '204',
  '304',
  '400',
  '401',
  '402',
  '404',
  '405',
  '413',
  '415',
  '422',
  '429',
  '499',
  '500',
  '502',
  '503',
  '504',
  'other',
] as const;
export type Status = (typeof STATUSES)[number];

/** Tells that the request is over, once; `seconds` from its head to the end of the answer. */
export type HttpFinished = (method: Method, status: Status, seconds: number) => void;

/** Watches the doors from outside. Whoever records implements it; no method may throw. */
export interface EdgeWatcher {
  httpStarted(endpoint: Endpoint): HttpFinished;
  socketOpened(): void;
  socketClosed(seconds: number): void;
  /** One Socket.IO event; acknowledgements, connects and disconnects are none. */
  message(direction: 'received' | 'sent', type: MessageType): void;
  /** Audio of a known container, as long as it took to identify it. */
  audioReceived(format: AudioFormat, bytes: number, seconds: number): void;
}

/** Folds a value into a closed set of labels. */
export function label<T extends string>(set: readonly T[], value: string): T | 'other' {
  return set.find((known) => known === value) ?? 'other';
}
