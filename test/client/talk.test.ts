import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { ROOT } from '../../scripts/stack/parts.ts';
import { wavSeconds } from '../../src/edge/wav.ts';
import { startEdge } from '../edge/support.ts';
import { type TemporaryDir, temporaryDir } from '../support/temporary-dir.ts';
import { waitFor } from '../support/wait.ts';
import { type Agent, startAgentWithSandbox, youngMan } from './support.ts';

let agent: Agent;
let dir: TemporaryDir;
let recording: string;
before(async () => {
  dir = await temporaryDir();
  recording = join(dir.path, 'young-man.wav');
  await writeFile(recording, await youngMan);
  agent = await startAgentWithSandbox();
});
after(async () => {
  await agent?.[Symbol.asyncDispose]();
  await dir?.[Symbol.asyncDispose]();
});

/** The command as a user runs it, in a folder of its own, with no other programs than those that the test puts there. */
function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(ROOT, 'src/client/talk.ts'), ...args], {
    cwd: dir.path,
    env: { AGENT_URL: agent.url, PATH: join(dir.path, 'bin'), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return child;
}

async function talk(args: string[], { env, input = '' }: { env?: Record<string, string>; input?: string } = {}) {
  const child = start(args, env);
  child.stdin.on('error', () => {}).end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { out, err, code };
}

async function putProgram(name: string, lines: string): Promise<Record<string, string>> {
  const file = join(dir.path, name);
  await writeFile(file, `#!/bin/sh\n${lines}\n`);
  await chmod(file, 0o755);
  return { PATH: `${dir.path}:/usr/bin:/bin` };
}

test('a recording and typed words are one conversation, with stages, cost and intent', async () => {
  const { out, err, code } = await talk([recording, '--text', 'What is recursion?', '--end']);
  assert.equal(err, '');
  assert.equal(code, 0);
  assert.match(out, /the sandbox answers, not Claude/);
  assert.match(out, /^You {5}.*young man$/m);
  assert.match(out, /^You {5}What is recursion\?$/m);
  assert.match(out, /^Agent {3}\w.*\.$/m);
  assert.match(out, /^ {8}transcribe [█▏▎▍▌▋▊▉]+ +\d+ ms$/m);
  assert.match(out, /^ {8}\d+ ms in all, first word \d.* ms · \$0\.00\d{4} · question$/m);
  assert.match(out, /^2 exchanges in \d+ s about .*recursion/m);
  assert.ok(!out.includes('\u001b'), 'no colours where there is no terminal');
});

test('for machines each turn is one line', async () => {
  const { out, code } = await talk(['--json', '-t', 'What is a closure?', '-', '--end'], {
    input: '\nAnd a monad?\n\n',
  });
  assert.equal(code, 0);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map((line) => line.turn?.user_text ?? line.summary?.exchanges),
    ['What is a closure?', 'And a monad?', 2],
  );
  assert.ok(lines[0].turn.cost_usd > 0);
  assert.equal(lines[0].turn.session_id, lines[1].turn.session_id);
});

test('a session that is asked for is said to be new when nothing is remembered of it', async () => {
  const args = ['-t', 'What is a closure?', '--session', 'asked-for'];
  assert.match((await talk(args)).out, /session asked-for, a new one: nothing is remembered under this id$/m);
  assert.match((await talk(args)).out, /session asked-for$/m);
});

test('the spoken reply is saved as one file', async () => {
  const file = join(dir.path, 'saved.wav');
  const { err, code } = await talk(['-t', 'What is a closure?', '-t', 'What is a monad?', '--save', file]);
  assert.equal(code, 0);
  assert.match(err, /^The spoken reply is in .*saved\.wav\.$/m);
  const wav = await readFile(file);
  assert.equal(wav.readUInt32LE(4), wav.length - 8);
  assert.ok((wavSeconds(wav) ?? 0) > 5);
});

test('it is played where a player is, and saved where it could not be heard', async () => {
  const heard = join(dir.path, 'heard');
  const env = await putProgram('aplay', `cat >> ${heard}`);
  const played = await talk(['-t', 'What is a closure?', '--speak'], { env });
  assert.deepEqual([played.err, played.code], ['', 0]);
  assert.equal((await readFile(heard)).toString('latin1', 0, 4), 'RIFF');

  await putProgram('aplay', 'echo "no soundcards found" >&2; exit 1');
  const silent = await talk(['-t', 'What is a closure?', '--speak'], { env });
  assert.match(silent.err, /could not be played \(aplay: no soundcards found\)\. The spoken reply is in reply\.wav\./);
  const none = await talk(['-t', 'What is a closure?', '--speak']);
  assert.match(none.err, /Neither aplay nor ffplay is here to play it\. The spoken reply is in reply\.wav\./);
  assert.equal(none.code, 0);
});

test('the microphone is heard until Enter', async () => {
  const recorded = join(dir.path, 'recorded');
  const env = await putProgram(
    'arecord',
    `trap 'exit 0' INT; tail -c +45 ${recording}; touch ${recorded}; while :; do sleep 0.05; done`,
  );
  const child = start(['--mic', '--json'], env);
  const output = text(child.stdout);
  await waitFor('the recorder', async () => (await stat(recorded)) && true);
  child.stdin.end('\n');
  assert.match(JSON.parse(await output).turn.user_text, /young man/);

  await putProgram('arecord', 'echo "no microphone" >&2; exit 1');
  const broken = await talk(['--mic'], { env });
  assert.match(broken.err, /The recording broke off: arecord stopped: no microphone/);
  assert.equal(broken.code, 1);
  const none = await talk(['--mic']);
  assert.match(none.err, /no arecord on the PATH.*apt-get install alsa-utils/);
  assert.equal(none.code, 2);
});

test('a failed turn is told, the next is said, and the exit code knows', async () => {
  agent.sandbox.faults.set({ messages: { status: 529, times: 1 } });
  const { out, err, code } = await talk(['-t', 'What is a closure?', '-t', 'Are you there?']);
  assert.equal(code, 1);
  assert.match(err, /^provider_unavailable: \S/m);
  assert.match(out, /Are you there\?\nAgent/);
  const file = join(ROOT, 'package.json');
  const noSound = await talk([file]);
  assert.equal(noSound.code, 1);
  assert.ok(noSound.err.startsWith(`bad_input: ${file}: The audio is of no known kind`), noSound.err);
  const { problem } = JSON.parse((await talk(['--json', file])).out);
  assert.deepEqual([problem.kind, problem.file], ['bad_input', file]);
});

test('Ctrl-C breaks off the reply, and is no failure', async () => {
  agent.sandbox.faults.set({ messages: { token_delay_ms: 300, times: 1 } });
  const child = start(['-t', 'What is a closure?']);
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (words) => {
    if (/Agent {3}\w/.test(words) || (out.includes('Agent') && !child.killed)) child.kill('SIGINT');
    out += words;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  assert.match(out, / · interrupted$/m);
});

test('what can not be done is said with its cure', async () => {
  const help = await talk(['--help']);
  assert.deepEqual([help.code, help.err], [0, '']);
  assert.match(help.out, /npm run talk -- recording\.wav/);
  const cases: [args: string[], code: number, says: RegExp][] = [
    [[], 2, /nothing to say.*\n.*--help/],
    [['--bogus'], 2, /Unknown option '--bogus'/],
    [['nowhere.wav'], 2, /nowhere\.wav can't be read \(ENOENT\)/],
    [['-t', 'hi', '--save', 'nowhere/o.wav'], 2, /can't be written to nowhere\/o\.wav \(ENOENT\): name another file/],
    [['-t', 'hi', '--save', dir.path], 2, /^--save .* is a folder: name a file in it\./],
    [['-t', 'hi', '--url', 'nonsense'], 2, /--url nonsense is no address/],
    [['-t', 'hi', '--session', 'no good id!'], 3, /bad_input: session_id/],
    [
      ['-t', 'hi', '--url', 'http://127.0.0.1:1'],
      3,
      /No agent answers at http:\/\/127\.0\.0\.1:1\. Start one with: make up/,
    ],
  ];
  for (const [args, code, says] of cases) {
    const told = await talk(args);
    assert.match(told.err, says);
    assert.equal(told.code, code, told.err);
    assert.equal(told.out, '');
  }
  await using edge = await startEdge({ tokens: ['secret'] });
  const stranger = await talk(['-t', 'hi', '--url', edge.url]);
  assert.match(stranger.err, /^unauthorized: A token is needed.* Give it with --token or AGENT_TOKEN\.$/m);
  assert.equal(stranger.code, 3);
  const friend = await talk(['-t', 'hi', '--url', edge.url], { env: { AGENT_TOKEN: 'secret' } });
  assert.equal(friend.code, 0);
});
