import type { RunningCollector } from './collector.ts';

export type CollectedSpan = {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  scope: string;
  attributes: Record<string, string | number | boolean>;
  failed: boolean;
};

type OtlpValue = { stringValue?: string; intValue?: string; doubleValue?: number; boolValue?: boolean };
type OtlpSpan = Omit<CollectedSpan, 'attributes' | 'scope' | 'failed' | 'parentSpanId'> & {
  parentSpanId?: string;
  attributes?: { key: string; value: OtlpValue }[];
  status?: { code?: number };
};
type OtlpTraces = { resourceSpans: { scopeSpans: { scope: { name: string }; spans: OtlpSpan[] }[] }[] };

/** Every span that the collector has written so far. */
export async function collectedSpans(collector: RunningCollector): Promise<CollectedSpan[]> {
  const documents = (await collector.traces()) as OtlpTraces[];
  return documents.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ scope, spans }) =>
        spans.map((span) => ({
          ...span,
          parentSpanId: span.parentSpanId ?? '',
          scope: scope.name,
          failed: span.status?.code === 2,
          attributes: Object.fromEntries((span.attributes ?? []).map(({ key, value }) => [key, plain(value)])),
        })),
      ),
    ),
  );
}

function plain({ stringValue, intValue, doubleValue, boolValue }: OtlpValue): string | number | boolean {
  return stringValue ?? (intValue === undefined ? undefined : Number(intValue)) ?? doubleValue ?? boolValue ?? '';
}
