import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const PLAYERS: [program: string, args: string[]][] = [
  ['aplay', ['-q', '-']],
  ['ffplay', ['-nodisp', '-autoexit', '-loglevel', 'error', '-i', 'pipe:0']],
];
// NOTE: programs are spawned detached, or a terminal's Ctrl-C would end them too.
const MIC_RATE = 16_000;
/** What `record` gives. */
export const MIC_TYPE = `audio/pcm;rate=${MIC_RATE}`;

/** Plays sounds one after the other. */
export interface Player {
  /**
   * Takes the sounds of one reply; drops them once it was silenced. `onSound` is told, before `done` resolves, when the
   * first one's player was started (`performance.now()`). NOTE: only its end tells whether it could be played; without,
   * nothing was heard.
   */
  begin(onSound?: (at: number) => void): (sound: Uint8Array) => void;
  /** Whether something sounds or waits to. */
  readonly playing: boolean;
  /** Stops at once, and drops what has not been heard yet. */
  silence(): void;
  /** Resolves when all is played; rejects with what the program said when it could not. */
  done(): Promise<void>;
}

/** The first player that this machine has, if any. */
export function findPlayer(path = process.env.PATH): Player | undefined {
  const found = PLAYERS.find(([program]) => find(program, path));
  return found && createPlayer(...found);
}

export function hasMicrophone(path = process.env.PATH): boolean {
  return find('arecord', path);
}

/** Raw 16-bit mono samples from the microphone, until `stop` is aborted. Throws what arecord says when it can't. */
export async function* record(stop: AbortSignal): AsyncGenerator<Uint8Array> {
  const args = ['-q', '-t', 'raw', '-f', 'S16_LE', '-c', '1', '-r', String(MIC_RATE)];
  const child = spawn('arecord', args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const ended = once(child, 'close');
  ended.catch(() => {});
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const end = () => child.kill('SIGINT');
  stop.addEventListener('abort', end);
  try {
    yield* child.stdout;
    await ended;
    if (!stop.aborted) throw new Error(`arecord stopped: ${said.trim() || `exit code ${child.exitCode}`}`);
  } finally {
    stop.removeEventListener('abort', end);
    end();
  }
}

function createPlayer(program: string, args: string[]): Player {
  let playing: ReturnType<typeof spawn> | undefined;
  let round = 0;
  let waiting = 0;
  let queue: Promise<void> = Promise.resolve();

  async function run(sound: Uint8Array, mine: number, onSound?: (at: number) => void): Promise<void> {
    if (mine !== round) return;
    const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'], detached: true });
    let startedAt: number | undefined;
    child.once('spawn', () => {
      startedAt = performance.now();
    });
    playing = child;
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(sound);
    const [code] = await once(child, 'close');
    // NOTE: what we broke off was heard until then, whatever its player says of that.
    if ((code === 0 || child.killed) && startedAt !== undefined) onSound?.(startedAt);
    if (code !== 0 && mine === round) throw new Error(`${program}: ${said.trim() || `exit code ${code}`}`);
  }
  return {
    begin(onSound) {
      const mine = round;
      let first = onSound;
      return (sound) => {
        if (mine !== round) return;
        const told = first;
        first = undefined;
        waiting += 1;
        queue = queue
          .then(() => run(sound, mine, told))
          .finally(() => {
            if (mine === round) waiting -= 1;
          });
        queue.catch(() => {});
      };
    },
    get playing() {
      return waiting > 0;
    },
    silence() {
      round += 1;
      waiting = 0;
      playing?.kill();
    },
    done: () => queue,
  };
}

function find(program: string, path = ''): boolean {
  return path.split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, program), constants.X_OK);
      return dir !== '';
    } catch {
      return false;
    }
  });
}
