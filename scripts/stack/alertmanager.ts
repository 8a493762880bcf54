import { nativeText, writeBelow } from './native-copy.ts';
import type { Ports } from './ports.ts';

/**
 * Writes the native copy of `alertmanager.yml` to `path`, its receiver on loopback. A drill divides its waits by
 * `divisor`, to a second at least.
 */
export function writeAlertmanagerConfig(root: string, path: string, ports: Ports, divisor = 1): void {
  const text = nativeText(root, 'alertmanager.yml', 'scripts/stack/alertmanager.ts', [
    ['http://alerts:9099/', `http://127.0.0.1:${ports.alerts}/`],
  ]);
  writeBelow(path, text.replaceAll(/^( *group_(?:wait|interval): )(\d+)([smh])$/gm, shorter(divisor)));
}

const SECONDS = { s: 1, m: 60, h: 3600 } as const;

const shorter = (divisor: number) => (_line: string, key: string, count: string, unit: string) =>
  `${key}${Math.max(1, Math.ceil((Number(count) * SECONDS[unit as keyof typeof SECONDS]) / divisor))}s`;
