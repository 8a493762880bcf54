import assert from 'node:assert/strict';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { connect } from '../../src/client/index.ts';
import { jsonPrinter } from '../../src/client/talk/printer.ts';
import { saidNow } from '../../src/client/talk/said.ts';
import { findPlayer, type Player } from '../../src/client/talk/sound.ts';
import { tell } from '../../src/client/talk/tell.ts';
import { createVoice } from '../../src/client/talk/voice.ts';
import { startEdge } from '../edge/support.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { waitFor } from '../support/wait.ts';
import { startSoundCard } from './sound-card.ts';
import { silence } from './support.ts';

const PATH = process.env.PATH;
after(() => {
  process.env.PATH = PATH;
});

/** The `aplay` of that folder. */
function playerIn(dir: string): Player {
  process.env.PATH = `${dir}${delimiter}${PATH}`;
  const player = findPlayer();
  assert.ok(player);
  return player;
}

/** The player that is found where `aplay` is a shell's lines. */
async function playerOf(dir: string, lines: string) {
  const file = join(dir, 'aplay');
  await writeFile(file, `#!/bin/sh\n${lines}\n`);
  await chmod(file, 0o755);
  return playerIn(dir);
}

test('of a reply’s sounds the first one’s beginning is told, when it has been heard', async () => {
  await using dir = await temporaryDir();
  await using card = await startSoundCard(dir.path, { programs: ['aplay'], soundsEnd: false });
  const player = playerIn(dir.path);
  const heard: number[] = [];
  const play = player.begin((at) => heard.push(at));
  const begunAt = performance.now();
  play(silence(1));
  play(silence(1));
  const first = await card.played();
  const soundingAt = performance.now();
  assert.deepEqual(heard, [], 'nobody knows yet whether it can be played');
  first.end();
  (await card.played()).end();
  await player.done();
  assert.equal(heard.length, 1);
  assert.ok((heard[0] ?? 0) >= begunAt && (heard[0] ?? 0) <= soundingAt);
});

test('a sound that is broken off was heard, though its player calls that a failure', async () => {
  await using dir = await temporaryDir();
  // Waiting so that the trap can act: its sound lasts until it is killed.
  const player = await playerOf(
    dir.path,
    'trap "exit 1" TERM; /bin/cat > /dev/null; echo > "$0.on"; while :; do :; done',
  );
  let heard = 0;
  player.begin(() => void heard++)(silence(1));
  await waitFor('the player to sound', () => stat(join(dir.path, 'aplay.on')));
  player.silence();
  await player.done();
  assert.equal(heard, 1);
});

test('a sound that could not be played was not heard, and the agent is not told that it was', async () => {
  await using dir = await temporaryDir();
  await using edge = await startEdge();
  using client = await connect({ url: edge.url, speak: true });
  const leaving = new AbortController().signal;
  async function hear(lines: string): Promise<string[]> {
    const notes: string[] = [];
    const player = await playerOf(dir.path, lines);
    const voice = createVoice({ player, endless: true, note: (text) => notes.push(text) });
    await tell(saidNow(client.say('hi')), { client, printer: { ...jsonPrinter(), event() {} }, voice, leaving });
    return notes;
  }
  assert.deepEqual(await hear('/bin/cat > /dev/null; echo "no soundcards found" >&2; exit 1'), [
    'It could not be played (aplay: no soundcards found). The replies are only written.',
  ]);
  assert.deepEqual(
    edge.perceived.map(([kind]) => kind),
    ['seen'],
  );
  assert.deepEqual(await hear('/bin/cat > /dev/null'), []);
  assert.deepEqual(
    edge.perceived.map(([kind]) => kind),
    ['seen', 'seen', 'heard'],
  );
});
