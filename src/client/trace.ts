/** A trace that a client starts: what goes over the wire, and the id by which to find it. */
export type NewTrace = {
  /** W3C Trace Context, sampled: for `SayOptions`. */
  traceparent: string;
  /** 32 hexadecimal digits. */
  traceId: string;
};

/**
 * Starts a trace for one turn; two turns must not share one. A client that exports its own spans makes its own instead.
 * Format: https://www.w3.org/TR/trace-context/#traceparent-header-field-values
 */
export function newTrace(): NewTrace {
  const traceId = randomHex(16);
  return { traceparent: `00-${traceId}-${randomHex(8)}-01`, traceId };
}

function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
