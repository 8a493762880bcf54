/** Tokens that each message costs beside its text: role and separators. */
export const MESSAGE_OVERHEAD_TOKENS = 4;

/** The sandbox's stated estimate: four UTF-8 bytes of text are one token, a text of any length at least one. */
export function countTokens(text: string): number {
  return Math.max(1, Math.ceil(Buffer.byteLength(text) / 4));
}

/** Cuts a reply into the pieces in which it streams: a word with the space before it, so that joined they are the reply. */
export function toDeltas(text: string): string[] {
  return text.match(/\s*\S+/g) ?? [];
}
