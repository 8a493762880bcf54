import { join } from 'node:path';
import { nativeText, writeBelow } from './native-copy.ts';
import type { Ports } from './ports.ts';

/** What a drill changes: rules of another pace from another folder, evaluated sooner. */
export type RulesFrom = { rules?: string; evaluation?: string };

/** Writes the native copy of `prometheus.yml` to `path`: addresses, pace and the place of the rules are put in. */
export function writePrometheusConfig(
  root: string,
  path: string,
  ports: Ports,
  interval: string,
  { rules = join(root, 'alerts'), evaluation = interval }: RulesFrom = {},
): void {
  const text = nativeText(root, 'prometheus.yml', 'scripts/stack/prometheus.ts', [
    ['scrape_interval: 5s', `scrape_interval: ${interval}`],
    ['scrape_timeout: 4s', `scrape_timeout: ${interval}`],
    ['evaluation_interval: 5s', `evaluation_interval: ${evaluation}`],
    ['- alerts/', `- ${rules}/`],
    ['alertmanager:9093', `127.0.0.1:${ports.alertmanager}`],
    ['otel-collector:8889', `127.0.0.1:${ports.collectorMetrics}`],
    ['otel-collector:8888', `127.0.0.1:${ports.collectorSelf}`],
  ]);
  writeBelow(path, text);
}
