/**
 * The client library: a conversation by voice or text (`connect`), the same over HTTP and all that was remembered
 * (`createRest`), and a count of one's own to hold against the agent's metrics (`createLedger`). Everything that fails
 * is a `ProblemError`. It runs in Node and in browsers, and needs `socket.io-client` only; this is the module to import.
 */

export type { WireBudget, WireReply, WireSummary, WireTimings } from '../edge/protocol.ts';
export { createLedger, type Direction, type Ledger, type Perceived } from './ledger.ts';
export { ProblemError, type ProblemFields, type ProblemKind } from './problem-error.ts';
export type * from './rest.ts';
export { createRest } from './rest.ts';
export { type NewTrace, newTrace } from './trace.ts';
export type { Turn, TurnEvent } from './turn.ts';
export { type ConnectOptions, connect, type SayOptions, type SpeakOptions, type VoiceClient } from './voice-client.ts';
