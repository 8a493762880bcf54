import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startReceiver, type ToldAlert } from '../../scripts/alert-receiver.ts';
import { alertmanager } from '../../scripts/stack/parts.ts';
import { freePorts } from '../../scripts/stack/ports.ts';
import { startPart } from './running-part.ts';
import { temporaryDir } from './temporary-dir.ts';

export type RunningAlertmanager = AsyncDisposable & {
  url: string;
  /** What the webhook has been told so far. */
  told: ToldAlert[];
  /** The names of alerts that another one silences now. */
  silenced(): Promise<string[]>;
  /** Fires alerts by their labels, as Prometheus would; with `endsAt` in the past, resolves them. */
  send(alerts: Record<string, string>[], endsAt?: Date): Promise<void>;
};

/** A real Alertmanager with the shipped routes and inhibitions, `divisor` times as hasty, and the receiver. */
export async function startAlertmanager(divisor = 30): Promise<RunningAlertmanager> {
  await using stack = new AsyncDisposableStack();
  const told: ToldAlert[] = [];
  const { path: dir } = stack.use(await temporaryDir());
  const ports = await freePorts();
  const receiver = await startReceiver({ port: ports.alerts, onAlert: (alert) => told.push(alert) });
  stack.defer(() => receiver.stop());
  await mkdir(join(dir, 'alertmanager'), { recursive: true });
  const part = stack.use(
    await startPart((at, home) => alertmanager({ ports: at, dir: home, drill: { divisor } }), { ports, dir }),
  );
  const url = `http://127.0.0.1:${part.ports.alertmanager}`;
  const owned = stack.move();
  return {
    url,
    told,
    async silenced() {
      const response = await fetch(`${url}/api/v2/alerts`);
      const alerts = (await response.json()) as { labels: Record<string, string>; status: { inhibitedBy: string[] } }[];
      const silent = alerts.filter(({ status }) => status.inhibitedBy.length > 0);
      return silent.map(({ labels }) => labels.alertname ?? '').sort();
    },
    async send(alerts, endsAt) {
      const body = alerts.map((labels) => ({ labels, annotations: {}, ...(endsAt && { endsAt }) }));
      const response = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`Alertmanager answers ${response.status}: ${await response.text()}`);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
