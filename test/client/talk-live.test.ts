import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { temporaryDir } from '../support/temporary-dir.ts';
import { linesOf, startTalk } from './command.ts';
import { startSoundCard } from './sound-card.ts';
import { type Agent, amiable, startAgentWithSandbox, youngMan } from './support.ts';

let agent: Agent;
before(async () => {
  agent = await startAgentWithSandbox();
});
after(() => agent?.[Symbol.asyncDispose]());

const start = (programs: string, args: string[]) => startTalk(programs, ['--live', '--url', agent.url, ...args]);

test('whoever speaks has the word: speaking breaks off the reply, its voice and its writing', {
  timeout: 120_000,
}, async () => {
  await using dir = await temporaryDir();
  await using card = await startSoundCard(dir.path, { soundsEnd: false });
  agent.sandbox.faults.set({ messages: { token_delay_ms: 150, times: 1 } });
  const { child, code, err } = start(dir.path, ['--json', '--end']);
  const told = err();
  const nextLine = linesOf(child.stdout);
  const next = async () => JSON.parse(await nextLine());
  await card.recording();

  await card.speak(await youngMan);
  const first = await card.played();
  assert.equal(first.wav.toString('latin1', 0, 4), 'RIFF');
  void card.speak(await amiable);
  const answers = [next(), next()] as const;
  await Promise.race([first.ended, answers[1].then(() => assert.fail('the voice goes on'))]);
  const [{ turn: broken }, { turn: answered }] = await Promise.all(answers);
  assert.match(broken.user_text, /young man/);
  assert.equal(broken.interrupted, true);
  assert.match(answered.user_text, /might even have been made/);
  assert.equal(answered.interrupted, false);
  const second = await card.played();
  assert.equal(card.sounds.length, 2, 'what the first reply had still to say was not heard');

  child.kill('SIGINT');
  await second.ended;
  child.kill('SIGINT');
  assert.equal((await next()).summary.exchanges, 2);
  await card.released();
  assert.deepEqual([await code(), await told], [0, '']);
});

test('a line says how things stand, and the agent learns how fast its words were seen', async () => {
  await using dir = await temporaryDir();
  await using card = await startSoundCard(dir.path, { programs: ['arecord'] });
  const { child, code, out } = start(dir.path, ['--turns', '1']);
  const output = out();
  const toldNext = linesOf(child.stderr);
  assert.match(await toldNext(), /Neither aplay nor ffplay is here/);
  assert.equal(await toldNext(), 'listening …');
  await card.recording();
  const spoken = card.speak(await youngMan);
  assert.equal(await toldNext(), 'I hear you …');
  await spoken;
  assert.equal(await toldNext(), 'thinking …');
  assert.equal(await code(), 0);
  assert.match(await output, /^You {5}.*young man\nAgent {3}\w/m);
  const metrics = await (await fetch(`${agent.url}/metrics`)).text();
  assert.match(metrics, /voice_turn_first_response_seconds_count\{.*kind="seen".*\} [1-9]/);
});

test('what is being said when the learner leaves is not said to the agent', async () => {
  await using dir = await temporaryDir();
  await using card = await startSoundCard(dir.path, { programs: ['arecord'] });
  const { child, code, out } = start(dir.path, ['--end']);
  const output = out();
  const toldNext = linesOf(child.stderr);
  await card.recording();
  void card.speak(await youngMan);
  while ((await toldNext()) !== 'I hear you …');
  child.kill('SIGINT');
  assert.equal(await code(), 0);
  assert.match(await output, /^0 exchanges in/m);
  await card.released();
});

test('a microphone that can not be heard is told with its cure', async () => {
  await using dir = await temporaryDir();
  const missing = start(dir.path, []);
  assert.match(await missing.err(), /no arecord on the PATH.*apt-get install alsa-utils/);
  assert.equal(await missing.code(), 2);
  await writeFile(join(dir.path, 'arecord'), '#!/bin/sh\necho "audio open error: No such device" >&2; exit 1\n');
  await chmod(join(dir.path, 'arecord'), 0o755);
  const broken = start(dir.path, []);
  assert.match(await broken.err(), /can't be heard \(arecord stopped: audio open error: No such device\): plug one in/);
  assert.equal(await broken.code(), 2);
});
