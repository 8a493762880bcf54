import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Ports } from './ports.ts';

/**
 * Writes the native copy of `prometheus.yml` to `path`: Prometheus expands no environment, so the
 * addresses, the pace and the place of the rules are put in here. Throws when one of them no longer stands in it.
 */
export function writePrometheusConfig(root: string, path: string, ports: Ports, interval: string): void {
  const replacements: [string, string][] = [
    ['scrape_interval: 5s', `scrape_interval: ${interval}`],
    ['scrape_timeout: 4s', `scrape_timeout: ${interval}`],
    ['evaluation_interval: 5s', `evaluation_interval: ${interval}`],
    ['- alerts/', `- ${join(root, 'alerts')}/`],
    ['otel-collector:8889', `127.0.0.1:${ports.collectorMetrics}`],
    ['otel-collector:8888', `127.0.0.1:${ports.collectorSelf}`],
  ];
  let text = readFileSync(join(root, 'prometheus.yml'), 'utf8');
  for (const [from, to] of replacements) {
    if (!text.includes(from))
      throw new Error(`prometheus.yml has no \`${from}\`; scripts/stack/prometheus.ts replaces it`);
    text = text.replace(from, () => to);
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
