import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { wavSeconds } from '../../src/edge/wav.ts';
import { samplesOf } from '../support/microphone.ts';

const DEVICE = join(import.meta.dirname, 'sound-device.ts');
const HEADER = 12;
const BYTES_PER_MS = 32;
const TICK_MS = 20;

/** Something that is played until it has sounded to its end, or until its player is killed; `end` ends it now. */
export type Played = { wav: Buffer; ended: Promise<void>; end: () => void };
export type SoundCardOptions = {
  /** `arecord` and `aplay`, unless told otherwise. */
  programs?: string[];
  /** Without it each sound goes on until it is broken off, or ended by the test. */
  soundsEnd?: boolean;
};

/** A microphone and a loudspeaker, in real time. */
export interface SoundCard extends AsyncDisposable {
  /** Resolves when somebody records. */
  recording(): Promise<void>;
  /** Resolves when nobody does any more. */
  released(): Promise<void>;
  /** Says a WAV of 16 kHz into the microphone; resolves when all of it has been heard. Else it hears silence. */
  speak(wav: Uint8Array): Promise<void>;
  /** The next sound that begins to be played, and was not asked for yet. */
  played(): Promise<Played>;
  /** Sounds that were played until now. */
  readonly sounds: readonly Played[];
}

/** Puts programs named `arecord` and `aplay` into a folder, which are the two ends of the card. */
export async function startSoundCard(dir: string, options: SoundCardOptions = {}): Promise<SoundCard> {
  const { programs = ['arecord', 'aplay'], soundsEnd = true } = options;
  const said: { bytes: Uint8Array; heard: () => void }[] = [];
  const sounds: Played[] = [];
  const recorder = { opened: Promise.withResolvers<void>(), closed: Promise.withResolvers<void>() };
  let asked = 0;
  let news = Promise.withResolvers<void>();

  function record(socket: Socket): void {
    const start = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      for (const until = Math.floor((performance.now() - start) * BYTES_PER_MS) & ~1; sent < until; ) {
        const [first] = said;
        const part = first ? first.bytes.subarray(0, until - sent) : new Uint8Array(until - sent);
        socket.write(part);
        sent += part.length;
        if (!first) continue;
        first.bytes = first.bytes.subarray(part.length);
        if (first.bytes.length === 0) said.shift()?.heard();
      }
    }, TICK_MS);
    socket.once('close', () => {
      clearInterval(timer);
      recorder.closed.resolve();
    });
    recorder.opened.resolve();
  }
  function play(socket: Socket, wav: Buffer): void {
    const lasts = soundsEnd ? (wavSeconds(wav) ?? 0) * 1000 : undefined;
    const timer = lasts === undefined ? undefined : setTimeout(() => socket.end(), lasts);
    const ended = once(socket, 'close').then(() => clearTimeout(timer));
    sounds.push({ wav, ended, end: () => socket.end() });
    news.resolve();
    news = Promise.withResolvers();
  }

  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let got = Buffer.alloc(0);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.on('data', function take(bytes: Buffer) {
      got = Buffer.concat([got, bytes]);
      if (got.length < HEADER || got.length < HEADER + got.readUInt32LE(8)) return;
      socket.off('data', take).resume();
      if (got.toString('latin1', 0, 7) === 'arecord') record(socket);
      else play(socket, got.subarray(HEADER));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (const program of programs) {
    const file = join(dir, program);
    await writeFile(file, `#!/bin/sh\nexec '${process.execPath}' '${DEVICE}' ${program} ${port}\n`);
    await chmod(file, 0o755);
  }

  return {
    sounds,
    recording: () => recorder.opened.promise,
    released: () => recorder.closed.promise,
    speak(wav) {
      const heard = Promise.withResolvers<void>();
      said.push({ bytes: samplesOf(wav).bytes, heard: heard.resolve });
      return heard.promise;
    },
    async played() {
      while (asked >= sounds.length) await news.promise;
      return sounds[asked++] as Played;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
