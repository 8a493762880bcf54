import type { VoiceClient } from '../index.ts';
import type { Endless } from './options.ts';
import type { Player } from './sound.ts';

export type LeaveDeps = { client: VoiceClient; player?: Player | undefined; endless?: Endless | undefined };

/**
 * Ctrl-C breaks off the reply, written or spoken; where there is none, it leaves. What goes on without an end is left in
 * order, by aborting `leaving`; a loop ends with the first. The next Ctrl-C leaves at once.
 */
export function leaveOnInterrupt(leaving: AbortController, { client, player, endless }: LeaveDeps): void {
  const exit = () => process.exit(130);
  process.on('SIGINT', async () => {
    if (leaving.signal.aborted) exit();
    const sounded = player?.playing;
    player?.silence();
    if (endless && 'loop' in endless) leaving.abort();
    // NOTE: where the agent can't be asked, nothing is underway.
    const count = await client.interrupt().catch(() => 0);
    if (count > 0 || sounded) return;
    if (endless) leaving.abort();
    else exit();
  });
}
