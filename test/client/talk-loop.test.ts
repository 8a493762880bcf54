import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from '../../src/client/index.ts';
import { type TemporaryDir, temporaryDir } from '../support/temporary-dir.ts';
import { linesOf, startTalk } from './command.ts';
import { startSoundCard } from './sound-card.ts';
import { type Agent, amiable, startAgentWithSandbox, youngMan } from './support.ts';

let agent: Agent;
let dir: TemporaryDir;
before(async () => {
  dir = await temporaryDir();
  await mkdir(join(dir.path, 'recordings'));
  await writeFile(join(dir.path, 'recordings/1-young-man.wav'), await youngMan);
  await writeFile(join(dir.path, 'recordings/2-amiable.WAV'), await amiable);
  await writeFile(join(dir.path, 'recordings/0-notes.txt'), 'no recording');
  await mkdir(join(dir.path, 'recordings/1-a-folder.wav'));
  agent = await startAgentWithSandbox();
});
after(async () => {
  await agent?.[Symbol.asyncDispose]();
  await dir?.[Symbol.asyncDispose]();
});

const loop = (args: string[], folder = 'recordings') =>
  startTalk(dir.path, ['--loop', join(dir.path, folder), '--url', agent.url, ...args]);
const heard = ({ turn }: { turn: { user_text: string } }) => /young man|might even/.exec(turn.user_text)?.[0];

test('recordings are said in the order of their names, over and over, as many turns as wanted', async () => {
  const { out, err, code } = loop(['--turns', '3', '--json', '--end']);
  const [output, told] = await Promise.all([out(), err()]);
  const lines = output.trimEnd().split('\n');
  const [summary, ...turns] = lines.map((line) => JSON.parse(line)).reverse();
  assert.deepEqual(turns.reverse().map(heard), ['young man', 'might even', 'young man']);
  assert.equal(new Set(turns.map(({ turn }) => turn.session_id)).size, 1);
  assert.equal(summary.summary.exchanges, 3);
  assert.deepEqual([told, await code()], ['', 0]);
});

test('with a voice, a turn waits until the reply before it has been heard', async () => {
  await using card = await startSoundCard(dir.path, { programs: ['aplay'], soundsEnd: false });
  const { child, code } = loop(['--speak', '--json']);
  const next = linesOf(child.stdout);
  assert.equal(heard(JSON.parse(await next())), 'young man');
  let answered = false;
  const second = next().finally(() => {
    answered = true;
  });
  const sound = await card.played();
  // As long as the loop's next turn would take.
  using somebody = await connect({ url: agent.url });
  for (const words of [await youngMan, await amiable]) await somebody.speakAudio(words).reply;
  assert.equal(answered, false, 'the voice is still heard');
  for (let playing = sound; !answered; ) {
    playing.end();
    playing = (await Promise.race([card.played(), second.then(() => undefined)])) ?? playing;
  }
  assert.equal(heard(JSON.parse(await second)), 'might even');
  child.kill('SIGINT');
  assert.equal(await code(), 0);
});

test('Ctrl-C breaks off the reply and ends the loop in order', async () => {
  const { child, code } = loop(['--json', '--end']);
  const next = linesOf(child.stdout);
  await next();
  child.kill('SIGINT');
  const rest = [await next()];
  if (!rest[0]?.startsWith('{"summary"')) rest.push(await next());
  const { summary } = JSON.parse(rest.at(-1) ?? '');
  assert.equal(summary.exchanges, rest.length);
  assert.equal(await code(), 0);
});

test('a turn that fails does not end the loop', async () => {
  agent.sandbox.faults.set({ messages: { status: 529, times: 1 } });
  const { out, code } = loop(['--turns', '2', '--json']);
  const [first, second] = (await out()).split('\n');
  assert.equal(JSON.parse(first ?? '').problem.kind, 'provider_unavailable');
  assert.equal(heard(JSON.parse(second ?? '')), 'might even');
  assert.equal(await code(), 1);
});

test('what can not be looped is told with its cure', async () => {
  await mkdir(join(dir.path, 'empty'));
  const cases: [run: () => ReturnType<typeof loop>, says: RegExp][] = [
    [() => loop([], 'empty'), /--loop .*empty has no recordings: put some there \(\.wav/],
    [() => loop([], 'nowhere'), /--loop .*nowhere can't be read \(ENOENT\): name a folder/],
    [() => loop(['--turns', '0']), /--turns 0 is no number of turns/],
    [() => loop(['--live']), /--live and --loop go on for ever: name one of them/],
    [() => startTalk(dir.path, ['--text', 'hi', '--turns', '2']), /--turns 2 has nothing to limit/],
  ];
  for (const [run, says] of cases) {
    const { err, code } = run();
    assert.match(await err(), says);
    assert.equal(await code(), 2);
  }
});

test('a recording that can’t be read is named', async () => {
  await mkdir(join(dir.path, 'broken'));
  await symlink(join(dir.path, 'recordings'), join(dir.path, 'broken/1.wav'));
  const { err, code } = loop([], 'broken');
  assert.match(await err(), /^\S*broken\/1\.wav can't be read \(EISDIR\): give a recording/);
  assert.equal(await code(), 2);
});
