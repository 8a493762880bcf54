import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One alert as Alertmanager's webhook tells it. */
export type ToldAlert = {
  status: 'firing' | 'resolved';
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
  generatorURL: string;
};

export type ReceiverOptions = {
  host?: string;
  /** 0 for any free port. */
  port?: number;
  /** Hears every alert of every message, in order; when it throws, Alertmanager is asked to send the message again. */
  onAlert: (alert: ToldAlert) => void;
};

export type Receiver = { url: string; stop(): Promise<void> };

const MAX_BYTES = 4 * 1024 * 1024;

/** A webhook for Alertmanager. Resolves when it listens; what is no message of Alertmanager's is answered with 400. */
export async function startReceiver({ host = '127.0.0.1', port = 0, onAlert }: ReceiverOptions): Promise<Receiver> {
  const server = createServer(async (req, res) => {
    const answer = (status: number, text: string) =>
      res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
    if (req.method === 'GET')
      return answer(200, 'Alerts are received here and printed: POST them as Alertmanager does.');
    if (req.method !== 'POST') return answer(405, `${req.method} does nothing here: POST alerts as Alertmanager does.`);
    let alerts: ToldAlert[];
    try {
      alerts = alertsIn(await textOf(req));
    } catch (error) {
      return answer(400, (error as Error).message);
    }
    const failures = alerts.flatMap((alert) => attempt(() => onAlert(alert)));
    // NOTE: Alertmanager sends again after a 5xx only; a message that was told twice is better than one that is lost.
    if (failures.length > 0) answer(500, failures.join('; '));
    else answer(200, 'received');
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function attempt(work: () => void): string[] {
  try {
    work();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** One line for a person: when, firing or resolved, how severe, which, its summary, and where to read on. */
export function lineOf({ status, labels, annotations, startsAt, endsAt }: ToldAlert): string {
  const at = (status === 'firing' ? startsAt : endsAt).slice(11, 19);
  const { severity = 'unknown', alertname = '(no name)' } = labels;
  const { summary = '(no summary)', runbook_url: runbook = '' } = annotations;
  const line = `${at} ${status.toUpperCase().padEnd(8)} ${severity.padEnd(8)} ${alertname}: ${summary}  ${runbook}`;
  // NOTE: label values come from the network; escape sequences would reach the terminal.
  return line.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ').trimEnd();
}

function alertsIn(text: string): ToldAlert[] {
  const { alerts } = JSON.parse(text) as { alerts?: Partial<ToldAlert>[] };
  if (!Array.isArray(alerts)) throw new Error('There is no list `alerts` in it: send what Alertmanager sends.');
  return alerts.map(({ status, labels = {}, annotations = {}, startsAt = '', endsAt = '', generatorURL = '' }) => {
    if (status !== 'firing' && status !== 'resolved')
      throw new Error(`An alert's status is ${JSON.stringify(status)}: it must be firing or resolved.`);
    return { status, labels, annotations, startsAt, endsAt, generatorURL };
  });
}

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req) {
    bytes += chunk.length;
    // NOTE: read to its end all the same, or the sender would see a broken connection and no reason.
    if (bytes <= MAX_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BYTES) throw new Error(`More than ${MAX_BYTES} bytes: no message of Alertmanager's is so long.`);
  return Buffer.concat(chunks).toString();
}

if (import.meta.main) {
  const { HOST: host = '127.0.0.1', PORT: port = '9099', ALERTS_FILE: file } = process.env;
  const receiver = await startReceiver({
    host,
    port: Number(port),
    onAlert: (alert) => {
      process.stdout.write(`${lineOf(alert)}\n`);
      if (file) appendFileSync(file, `${JSON.stringify(alert)}\n`);
    },
  });
  process.stdout.write(`Alerts are received at ${receiver.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void receiver.stop());
}
