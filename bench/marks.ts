const PREFIX = 'turn-';
const DIGITS = 7;

/** Even, since a mark also stands for whole 16-bit samples. */
export const MARK_BYTES = PREFIX.length + DIGITS;

/** Names a turn inside its own sound and words, so that each provider call can be told by its body, telemetry or not. */
export function markOf(turn: number): string {
  return PREFIX + String(turn).padStart(DIGITS, '0');
}

/** The turn that a request's body was sent for. The last mark counts: earlier ones are the conversation so far. */
export function lastMark(body: Buffer): number | undefined {
  const at = body.lastIndexOf(PREFIX, undefined, 'latin1');
  return at < 0 ? undefined : Number(body.toString('latin1', at + PREFIX.length, at + MARK_BYTES));
}
