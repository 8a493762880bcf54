import { prometheus } from '../../scripts/stack/parts.ts';
import type { RunningCollector } from './collector.ts';
import { type RunningPart, startPart } from './running-part.ts';
import { waitFor } from './wait.ts';

export interface Sample {
  labels: Record<string, string>;
  value: number;
}

export interface RunningPrometheus extends RunningPart {
  url: string;
  /** The instant vector (or scalar) that an expression gives now, or gave then (seconds since 1970); throws what Prometheus says about a bad one. */
  query: (expression: string, atS?: number) => Promise<Sample[]>;
  /** The one value of an expression: undefined without a sample, an error with several. */
  value: (expression: string, atS?: number) => Promise<number | undefined>;
  /** Waits until the expression's one value is this; the error names the last value seen. */
  waitForValue: (expression: string, wanted: number, deadlineMs?: number) => Promise<void>;
  /** Waits until the collector has been scraped twice from now on: what it shows now is then stored. */
  scraped: () => Promise<void>;
}

/** A real Prometheus over the collector's two targets, scraping every second. */
export async function startPrometheus(collector: RunningCollector, interval = '1s'): Promise<RunningPrometheus> {
  // Beside its own port it needs to know the collector's.
  const part = await startPart((ports, dir) => {
    const { collectorMetrics, collectorSelf } = collector.ports;
    return prometheus({ ports: { ...ports, collectorMetrics, collectorSelf }, dir, interval });
  });
  const url = `http://127.0.0.1:${part.ports.prometheus}`;
  const query = (expression: string, atS?: number) => instantQuery(url, expression, atS);
  const value = async (expression: string, atS?: number) => {
    const samples = await query(expression, atS);
    if (samples.length > 1) throw new Error(`${expression} gives ${samples.length} samples, not one`);
    return samples[0]?.value;
  };
  const scrapes = async () => (await value('count_over_time(up{job="otlp"}[1h])')) ?? 0;
  return {
    ...part,
    url,
    query,
    value,
    waitForValue: async (expression, wanted, deadlineMs) => {
      let last: number | undefined;
      await waitFor(
        `${expression} = ${wanted}`,
        async () => {
          last = await value(expression);
          if (last === wanted) return true;
          throw new Error(`it is ${last}`);
        },
        deadlineMs,
      );
    },
    scraped: async () => {
      const before = await scrapes();
      await waitFor('two scrapes', async () => ((await scrapes()) >= before + 2 ? true : undefined));
    },
  };
}

interface Answer {
  status: 'success' | 'error';
  error?: string;
  data: { resultType: string; result: { metric: Record<string, string>; value: [number, string] }[] };
}

async function instantQuery(url: string, expression: string, atS?: number): Promise<Sample[]> {
  const response = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expression, ...(atS !== undefined && { time: `${atS}` }) }),
  });
  const answer = (await response.json()) as Answer;
  if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
  if (answer.data.resultType === 'scalar') {
    const [, text] = answer.data.result as unknown as [number, string];
    return [{ labels: {}, value: toNumber(text) }];
  }
  return answer.data.result.map(({ metric, value: [, text] }) => ({ labels: metric, value: toNumber(text) }));
}

/** Prometheus writes `+Inf` where JavaScript reads `Infinity`. */
function toNumber(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}
