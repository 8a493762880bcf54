import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from './options.ts';
import type { Player } from './sound.ts';
import { joinWavs } from './wav.ts';

export type VoiceDeps = {
  player?: Player | undefined;
  /** Keeps the sounds in this file instead of playing them. */
  save?: string | undefined;
  /** NOTE: of a conversation without an end only what is saved is kept, or it would fill the memory. */
  endless: boolean;
  note: (text: string) => void;
};

/** What becomes of the spoken replies: they are played, or kept in a file where that is wished or they can't be. */
export interface Voice {
  /** Takes the sounds of one reply. `onSound` is told when the first one's player was started, as that of `Player.begin`. */
  begin(onSound: (at: number) => void): (sound: Uint8Array) => void;
  /** Resolves when all has been heard that can be. */
  done(): Promise<void>;
  /** Writes the file, if there is anything that belongs in one. */
  finish(): Promise<void>;
}

export function createVoice({ player, save, endless, note }: VoiceDeps): Voice {
  const sounds: Uint8Array[] = [];
  let spoke = false;
  let told = false;

  async function whyUnheard(): Promise<string | undefined> {
    if (!player) return 'Neither aplay nor ffplay is here to play it.';
    return player.done().then(
      () => undefined,
      (error: Error) => `It could not be played (${error.message}).`,
    );
  }
  return {
    begin(onSound) {
      const play = player?.begin(onSound);
      return (sound) => {
        spoke = true;
        if (save || !endless) sounds.push(sound);
        play?.(sound);
      };
    },
    async done() {
      const trouble = await whyUnheard();
      if (!endless || save || !spoke || told || trouble === undefined) return;
      told = true;
      note(`${trouble} The replies are only written.`);
    },
    async finish() {
      if (sounds.length === 0) return;
      const trouble = save ? '' : await whyUnheard();
      if (trouble === undefined) return;
      const file = save ?? 'reply.wav';
      await writeFile(file, joinWavs(sounds)).catch(cantWrite(file));
      note(`${trouble} The spoken reply is in ${file}.`.trim());
    },
  };
}

/** Sees that the replies can be kept in a file, before any is paid for. Throws UsageError. */
export async function checkSave(file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) throw new UsageError(`--save ${file} is a folder: name a file in it.`);
  await access(there ? file : dirname(file), constants.W_OK).catch(cantWrite(file));
}

const cantWrite = (file: string) => (error: NodeJS.ErrnoException) => {
  throw new UsageError(`The spoken reply can't be written to ${file} (${error.code}): name another file with --save.`);
};
