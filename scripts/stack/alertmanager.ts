import { hurried } from '../../src/mixin/pace.ts';
import type { Duration } from '../../src/mixin/promql.ts';
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
  const { wait } = hurried(divisor, 1);
  const shorter = (_line: string, key: string, duration: string) => `${key}${wait(duration as Duration)}`;
  writeBelow(path, text.replaceAll(/^( *group_(?:wait|interval): )(\d+[smh])$/gm, shorter));
}
