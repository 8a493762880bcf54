import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import type { ClientToServerEvents, ServerToClientEvents, WireReply } from '../src/edge/protocol.ts';
import { markOf } from './marks.ts';

/** `live` talks speak in real time, the others as fast as they are answered. */
export type LoadOrder = { url: string; sessions: number; seconds: number; live: boolean };

/** A turn as its client saw it; `seenMs` from the end of speech sent to the reply heard, `totalMs` by the agent's own clock. */
export type SeenTurn = { mark: number; totalMs: number; seenMs: number; deltas: number };

/** What this process tells the one that forked it: that the window begins, that it ends, and, when all is quiet, what happened in it. */
export type LoadMessage = 'began' | 'ended' | { turns: SeenTurn[]; elapsedMs: number } | { failure: string };

type Client = Socket<ServerToClientEvents, ClientToServerEvents>;

const CHUNK_MS = 100;
const CHUNKS = 30;
const CHUNK_SAMPLES = 1600;
const LIVE_TURN_MS = 3800;
const LEAD_MS = 500;

const chunk = tone();
let turnsBegun = 0;

process.on('message', (order: LoadOrder) => {
  run(order).catch((error: Error) => tell({ failure: error.message }));
});
process.on('disconnect', () => process.exit());

async function run({ url, sessions, seconds, live }: LoadOrder): Promise<void> {
  const clients = await Promise.all(Array.from({ length: sessions }, () => connect(url)));
  const turns: SeenTurn[] = [];
  let over = false;
  const talks = clients.map(async (client) => {
    if (live) await sleep(Math.random() * LIVE_TURN_MS);
    while (!over) turns.push(await speak(client, live));
  });
  const window = async () => {
    await sleep(live ? LIVE_TURN_MS : LEAD_MS);
    turns.length = 0;
    const start = performance.now();
    tell('began');
    await sleep(seconds * 1000);
    tell('ended');
    over = true;
    return { turns: turns.slice(), elapsedMs: performance.now() - start };
  };
  const [result] = await Promise.all([window(), ...talks]);
  await Promise.all(clients.map((client) => client.emitWithAck('session:end', {})));
  for (const client of clients) client.disconnect();
  tell(result);
}

async function connect(url: string): Promise<Client> {
  const client: Client = io(url, { transports: ['websocket'], reconnection: false, forceNew: true });
  await new Promise<void>((resolve, reject) => client.once('connect', resolve).once('connect_error', reject));
  const answer = await client.emitWithAck('session:start', {});
  if (!answer.ok) throw new Error(`session:start is refused: ${answer.problem.message}`);
  return client;
}

/** One spoken turn: three seconds of sound in chunks of 100 ms, each acknowledged, and the streamed reply. */
async function speak(client: Client, live: boolean): Promise<SeenTurn> {
  const mark = turnsBegun++;
  const begin = performance.now();
  for (let index = 0; index < CHUNKS; index++) {
    if (live) await sleep(Math.max(0, begin + index * CHUNK_MS - performance.now()));
    client.emit('audio', index === 0 ? marked(mark) : chunk, () => {});
  }
  if (live) await sleep(Math.max(0, begin + CHUNKS * CHUNK_MS - performance.now()));

  const { promise, resolve, reject } = Promise.withResolvers<WireReply>();
  let deltas = 0;
  const count = () => deltas++;
  const fail = ({ kind, message }: { kind: string; message: string }) => reject(new Error(`${kind}: ${message}`));
  const leave = (reason: string) => reject(new Error(`the agent closed the connection: ${reason}`));
  client.on('reply:delta', count).once('reply', resolve).once('problem', fail).once('disconnect', leave);
  const end = performance.now();
  client.emit('audio:end', { type: 'audio/pcm;rate=16000' }, (answer) => answer.ok || fail(answer.problem));
  try {
    const { timings } = await promise;
    return { mark, totalMs: timings.total_ms, seenMs: performance.now() - end, deltas };
  } finally {
    client.off('reply:delta', count).off('reply', resolve).off('problem', fail).off('disconnect', leave);
  }
}

function marked(mark: number): Buffer {
  const first = Buffer.from(chunk);
  first.write(markOf(mark), 'latin1');
  return first;
}

/** 100 ms of a 200 Hz tone, loud enough to be taken for speech. */
function tone(): Buffer {
  const samples = Int16Array.from(
    { length: CHUNK_SAMPLES },
    (_, at) => 8000 * Math.sin((at * 2 * Math.PI * 200) / 16_000),
  );
  return Buffer.from(samples.buffer);
}

function tell(message: LoadMessage): void {
  process.send?.(message);
}
