import { writeFile } from 'node:fs/promises';
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
  /** Takes the sounds of one reply. `onSound` is called when the first begins to sound. */
  begin(onSound: () => void): (sound: Uint8Array) => void;
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
      await writeFile(file, joinWavs(sounds));
      note(`${trouble} The spoken reply is in ${file}.`.trim());
    },
  };
}
