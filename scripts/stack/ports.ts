import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Where each part of the stack listens; all on loopback. */
export interface Ports {
  agent: number;
  redis: number;
  otlpHttp: number;
  otlpGrpc: number;
  /** The collector's Prometheus exporter: what agents have pushed. */
  collectorMetrics: number;
  /** The collector's metrics about itself. */
  collectorSelf: number;
  collectorHealth: number;
  prometheus: number;
  alertmanager: number;
  /** The webhook that prints alerts. */
  alerts: number;
}

export const DEFAULT_PORTS: Ports = {
  agent: 8000,
  redis: 6379,
  otlpHttp: 4318,
  otlpGrpc: 4317,
  collectorMetrics: 8889,
  collectorSelf: 8888,
  collectorHealth: 13133,
  prometheus: 9090,
  alertmanager: 9093,
  alerts: 9099,
};

/** The port that was bound, or undefined when somebody else has it; 0 asks the system for any free one. */
async function bind(port: number): Promise<{ port: number; release: () => Promise<void> } | undefined> {
  const server = createServer();
  const bound = await new Promise<boolean>((resolve, reject) => {
    server.once('listening', () => resolve(true));
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1');
  });
  if (!bound) return undefined;
  const address = server.address() as { port: number };
  return { port: address.port, release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/**
 * Any free port. NOTE: below those that Linux gives to outgoing connections (32768 and up): one of these could take it
 * between now and the start of the part that it was chosen for.
 */
async function bindAny(): ReturnType<typeof bind> {
  for (let tries = 0; tries < 20; tries++) {
    const port = await bind(randomInt(10_000, 32_768));
    if (port) return port;
  }
  return bind(0);
}

/** Whether nobody listens on this loopback port now. */
export async function isFree(port: number): Promise<boolean> {
  const held = await bind(port);
  await held?.release();
  return held !== undefined;
}

/** The wanted ports where they are free and other free ones where they are not; 0 wants any. No two are the same. */
export async function choosePorts(wanted: Ports): Promise<Ports> {
  const names = Object.keys(wanted) as (keyof Ports)[];
  const chosen = { ...wanted };
  const held = [];
  for (const name of names) {
    const port = (wanted[name] === 0 ? undefined : await bind(wanted[name])) ?? (await bindAny());
    if (port === undefined) throw new Error('No free port on 127.0.0.1');
    chosen[name] = port.port;
    held.push(port);
  }
  await Promise.all(held.map((port) => port.release()));
  return chosen;
}

/** Free ports for a stack of one's own beside any other. */
export function freePorts(): Promise<Ports> {
  return choosePorts(Object.fromEntries(Object.keys(DEFAULT_PORTS).map((name) => [name, 0])) as unknown as Ports);
}
