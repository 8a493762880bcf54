import assert from 'node:assert/strict';
import { delimiter } from 'node:path';
import { test } from 'node:test';
import { connect, type TurnEvent } from '../../src/client/index.ts';
import { prepareLive } from '../../src/client/talk/live.ts';
import { jsonPrinter } from '../../src/client/talk/printer.ts';
import { findPlayer } from '../../src/client/talk/sound.ts';
import { tell } from '../../src/client/talk/tell.ts';
import { createVoice } from '../../src/client/talk/voice.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { startSoundCard } from './sound-card.ts';
import { startAgentWithSandbox, youngMan } from './support.ts';

test('who speaks longer than a turn may last is answered in parts, and not spoken over', {
  timeout: 120_000,
}, async () => {
  await using agent = await startAgentWithSandbox();
  await using dir = await temporaryDir();
  await using card = await startSoundCard(dir.path, { soundsEnd: false });
  process.env.PATH = `${dir.path}${delimiter}${process.env.PATH}`;
  const player = findPlayer();
  assert.ok(player);
  using client = await connect({ url: agent.url, speak: true });
  const leaving = new AbortController();
  const note = assert.fail;
  // The agent's own limit is of a minute; here a turn is full after 2 s.
  const says = await prepareLive({ player, leaving: leaving.signal, note, settings: { maxMs: 2016 } });
  const voice = createVoice({ player, endless: true, note });
  const printer = { ...jsonPrinter(), event() {}, failed: assert.fail };

  void (async () => {
    for (;;) (await card.played()).end();
  })();
  const turns: TurnEvent[][] = [];
  void card.recording().then(async () => card.speak(await youngMan));
  for await (const said of says(client)) {
    assert.equal(await tell(said, { client, printer, voice, leaving: leaving.signal }), undefined);
    const events: TurnEvent[] = [];
    for await (const event of said.turn) events.push(event);
    turns.push(events);
    if (turns.length === 2) leaving.abort();
  }
  const replies = turns.map((events) => events.flatMap((event) => (event.type === 'reply' ? [event.reply] : []))[0]);
  assert.deepEqual(
    replies.map((reply) => reply?.interrupted),
    [false, false],
  );
  const [first, second] = turns.map((events) =>
    events.flatMap((event) => (event.type === 'speech' && event.audio.length > 0 ? [Buffer.from(event.audio)] : [])),
  );
  assert.ok(first && first.length > 0, 'the agent speaks on, since nobody interrupted it');
  assert.deepEqual(
    card.sounds.map(({ wav }) => wav),
    second,
    'what is heard is the reply to the rest',
  );
});
