/** Pushes an OTLP document in JSON to a collector; throws with its answer when it refuses. */
export async function pushOtlp(
  endpoint: string,
  signal: 'metrics' | 'traces' | 'logs',
  document: object,
): Promise<void> {
  const response = await fetch(`${endpoint}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(document),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`OTLP ${signal}: ${response.status} ${answer}`);
}

/** Nanoseconds since 1970 as OTLP's JSON writes them, `offsetMs` from now. */
export function unixNano(offsetMs = 0): string {
  return `${Date.now() + offsetMs}000000`;
}

/** OTLP attributes from a plain record. */
export function attributes(record: Record<string, string>) {
  return Object.entries(record).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
