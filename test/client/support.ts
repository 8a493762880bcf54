import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { wavFromPcm16 } from '../../src/edge/wav.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type RunningAgent, startAgent } from '../support/agent.ts';
import { recordings } from '../support/recordings.ts';

export interface Agent extends AsyncDisposable {
  agent: RunningAgent;
  sandbox: Sandbox;
  url: string;
}

/** The real agent before a sandbox whose faults the test can switch. */
export async function startAgentWithSandbox(env: Record<string, string> = {}): Promise<Agent> {
  await using stack = new AsyncDisposableStack();
  const sandbox = await startSandbox();
  stack.defer(() => sandbox.stop());
  const agent = stack.use(
    await startAgent({ env: { SANDBOX_URL: sandbox.anthropicBaseUrl, PROVIDER_RETRIES: '0', ...env } }),
  );
  const owned = stack.move();
  return { agent, sandbox, url: agent.url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A network before the agent, to be cut and to be held. */
export interface Network extends AsyncDisposable {
  url: string;
  /** Resets every connection. */
  cut(): void;
  /** Lets nothing through, in either direction, until `release`. */
  hold(): void;
  release(): void;
  /** Loses what is sent to the agent, until `release`, and resolves when there was some. The connections stay. */
  lose(): Promise<void>;
}

export async function startNetwork(target: string): Promise<Network> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let held = false;
  let losing: (() => void) | undefined;
  const server = createServer((inner) => {
    const outer = connect(Number(port), hostname);
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(from);
      if (held) from.pause();
      from.on('data', (bytes) => {
        if (losing && from === inner) losing();
        else to.write(bytes);
      });
      from
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(from);
          to.destroy();
        });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const all = (act: (socket: Socket) => void) => {
    for (const socket of sockets) act(socket);
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => all((socket) => socket.resetAndDestroy()),
    hold() {
      held = true;
      all((socket) => socket.pause());
    },
    release() {
      held = false;
      losing = undefined;
      all((socket) => socket.resume());
    },
    lose: () =>
      new Promise((resolve) => {
        losing = resolve;
      }),
    async [Symbol.asyncDispose]() {
      all((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}

/** A WAV of 16 kHz in which nothing is said. */
export const silence = (seconds: number) => wavFromPcm16(new Uint8Array(seconds * 32_000), 16_000);

/** "he was not an ill disposed young man", 3 s, really spoken; most of it is recognised. */
export const youngMan = recordingOf('0880');
/** "he might even have been made amiable himself" */
export const amiable = recordingOf('0930');

async function recordingOf(number: string): Promise<Buffer> {
  const found = (await recordings()).find(({ name }) => name.endsWith(number));
  if (!found) throw new Error(`There is no recording ${number}.`);
  return found.bytes;
}
