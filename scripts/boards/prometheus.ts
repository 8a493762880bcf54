/** One series of an answer: its labels, and points of [seconds since 1970, value]; an instant has one point. */
export type Series = { labels: Record<string, string>; points: [number, number][] };

export type Prometheus = {
  url: string;
  /** A curve over the span; throws what Prometheus says about a bad expression. */
  range: (expr: string, span: Span) => Promise<Series[]>;
  /** The values at the end of the span. */
  instant: (expr: string, atS: number) => Promise<Series[]>;
};

/** Seconds since 1970 and seconds. */
export type Span = { startS: number; endS: number; stepS: number };

type Answer = {
  status: string;
  error?: string;
  data: {
    resultType: string;
    result: unknown;
  };
};
type Point = [number, string];
type Found = { metric: Record<string, string>; value?: Point; values?: Point[] };

/** A real Prometheus over its HTTP interface; one that cannot be reached is an error with the cure. */
export function prometheusAt(url: string): Prometheus {
  const ask = async (path: string, parameters: Record<string, string>): Promise<Series[]> => {
    const response = await fetch(new URL(`api/v1/${path}`, url.endsWith('/') ? url : `${url}/`), {
      method: 'POST',
      body: new URLSearchParams(parameters),
      signal: AbortSignal.timeout(30_000),
    }).catch((error: Error) => {
      const cause = (error.cause as Error | undefined)?.message || error.message;
      throw new Error(
        `Prometheus cannot be reached at ${url} (${cause}); start one with \`make up\`, or name another with --prometheus URL`,
      );
    });
    const answer = (await response.json().catch(() => undefined)) as Answer | undefined;
    if (answer?.status !== 'success' && answer?.status !== 'error')
      throw new Error(
        `${url} answers ${response.status} and not as Prometheus does; name its address with --prometheus URL`,
      );
    if (answer.status !== 'success') throw new Error(`Prometheus refuses ${parameters.query}: ${answer.error}`);
    if (answer.data.resultType === 'scalar') return [{ labels: {}, points: [toPoint(answer.data.result as Point)] }];
    return (answer.data.result as Found[]).map(({ metric, value, values = value ? [value] : [] }) => ({
      labels: metric,
      points: values.map(toPoint),
    }));
  };
  return {
    url,
    range: (query, { startS, endS, stepS }) =>
      ask('query_range', { query, start: `${startS}`, end: `${endS}`, step: `${stepS}` }),
    instant: (query, atS) => ask('query', { query, time: `${atS}` }),
  };
}

/** Prometheus writes `+Inf` where JavaScript reads `Infinity`. */
const toPoint = ([time, text]: Point): [number, number] => [time, Number(text.replace('Inf', 'Infinity'))];
