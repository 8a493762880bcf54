import type { VoiceClient } from '../../src/client/voice-client.ts';
import type { MetricsReport } from '../../src/telemetry/report.ts';

type Series = { name: string; labels: Record<string, string>; value: number };
/** What one window shows for each of the numbers, in their order: undefined where it has no such number, NaN where it should have one. */
export type View = (number | undefined)[];

type Shown = {
  title: string;
  name: string;
  labels: Record<string, string>;
  report?: (report: MetricsReport) => number | undefined;
};

/** The numbers of the first turn. */
export const NUMBERS: Shown[] = [
  {
    title: 'voice_turns_total, answered',
    name: 'voice_turns_total',
    labels: { outcome: 'answered' },
    report: ({ turns }) => turns.by_outcome.answered,
  },
  {
    title: 'whisper_api_calls_total',
    name: 'whisper_api_calls_total',
    labels: {},
    report: ({ external_apis: { whisper } }) => whisper.calls,
  },
  {
    title: 'claude_api_calls_total',
    name: 'claude_api_calls_total',
    labels: {},
    report: ({ external_apis: { claude } }) => claude.calls,
  },
  { title: 'claude_api_tokens_total', name: 'claude_api_tokens_total', labels: {} },
  { title: 'api_cost_total, USD', name: 'api_cost_total', labels: {}, report: ({ costs }) => costs.total_usd },
  {
    title: 'websocket_messages_total, received',
    name: 'websocket_messages_total',
    labels: { direction: 'received' },
  },
];

/** What the client knows first-hand of one spoken turn that was answered: a transcript came back, and a whole reply. */
export function ledgerView({ ledger }: VoiceClient): View {
  const counters = ledger.counters();
  const sum = (prefix: string) =>
    [...counters].reduce((total, [key, count]) => total + (key.startsWith(prefix) ? count : 0), 0);
  const answered = sum('voice_turns_total{outcome="answered"');
  const transcribed = Math.min(
    sum('audio_size_bytes_count'),
    sum('websocket_messages_total{direction="sent",message_type="transcript"'),
  );
  const received = sum('websocket_messages_total{direction="received"');
  return [answered, transcribed, answered, undefined, ledger.costUsd, received];
}

/** Where the agent and Prometheus are. */
export type Where = { agentUrl: string; prometheusUrl: string; token?: string | undefined };

export async function reportView({ agentUrl, token }: Where): Promise<View> {
  const report = (await (await get(`${agentUrl}/api/metrics`, token)).json()) as MetricsReport;
  return NUMBERS.map((number) => number.report && (number.report(report) ?? 0));
}

export async function textView({ agentUrl, token }: Where): Promise<View> {
  const text = await (await get(`${agentUrl}/metrics`, token)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return view(lines.map(readSeries));
}

/** NOTE: the collector keeps a dead agent's last values for a while, so only the instance on this port is asked for. */
export async function prometheusView({ agentUrl, prometheusUrl }: Where): Promise<View> {
  const names = [...new Set(NUMBERS.map(({ name }) => name))].join('|');
  const query = `{__name__=~"${names}", instance=~".*:${new URL(agentUrl).port || 80}"}`;
  const response = await get(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await response.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  return view(
    data.result.map(({ metric: { __name__: name = '', ...labels }, value }) => ({
      name,
      labels,
      value: Number(value[1]),
    })),
  );
}

function view(series: Series[]): View {
  return NUMBERS.map(({ name, labels }) => {
    const mine = series.filter(
      (one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value),
    );
    return mine.length === 0 ? Number.NaN : mine.reduce((sum, { value }) => sum + value, 0);
  });
}

function readSeries(line: string): Series {
  const [, name = '', inner = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  const pairs = [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label, text]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}

async function get(url: string, token?: string): Promise<Response> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(5_000) }).catch((error: Error) => {
    throw new Error(`${new URL(url).origin} does not answer (${error.message}); see what runs with: make status`);
  });
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${(await response.text()).slice(0, 200)}`);
  return response;
}
