import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Socket } from 'socket.io-client';
import { MAX_BUFFERED_BYTES } from '../../src/edge/backpressure.ts';
import { deafClient, rawClient } from './raw-socket.ts';
import { wav } from './sounds.ts';
import { ask, heard, problemOf, resultOf, startEdge } from './support.ts';

test('packets that no library would send get a problem, and the connection stays', async () => {
  await using edge = await startEdge();
  await using client = await rawClient(edge.url);
  await client.say('420["session:start",{}]', /^430\[\{"ok":true/);
  const packets: [string, RegExp][] = [
    ['42["text",5]', /the payload \(5\)/],
    ['42["text",{"text":"hi"},5]', /came with a number after its payload/],
    ['42["text",{"text":"hi"},{"then":5},[1]]', /came with an object, an array after its payload/],
    ['42["text",null]', /the payload \(null\)/],
    ['42["text"]', /the payload \(missing\)/],
    ['42["text",{"text":{"toString":5}}]', /text \(an object\)/],
    ['42["text",{"text":""}]', /write at least one character/],
    ['42["session:start",5]', /the payload \(5\)/],
    ['42["session:start",{"session_id":"a b"}]', /session_id \(\\"a b\\"\)/],
    ['42["session:start",{"speak":"yes"}]', /speak \(\\"yes\\"\)/],
    ['42["audio"]', /one binary chunk \(missing\)/],
    ['42["audio","UklGRg=="]', /one binary chunk \(a string\)/],
    ['42["audio",[1,2,3]]', /one binary chunk \(an array\)/],
    ['42["audio:end"]', /without audio/],
    ['42["audio:end",{"type":5}]', /type \(5\)/],
    ['42["interrupt",5]', /the payload \(5\)/],
    ['42["session:end",[]]', /the payload \(an array\)/],
    ['42["nonsense",1,2,3]', /\\"nonsense\\" is not known: send one of session:start, audio/],
    ['42["error","boom"]', /\\"error\\" is not known/],
    ['42["__proto__"]', /not known/],
    ['42["constructor",{}]', /not known/],
    ['42[5,{}]', /\\"5\\" is not known/],
  ];
  for (const [packet, message] of packets) {
    const answer = await client.say(packet, /^42\["problem"/);
    assert.match(answer, message, packet);
    assert.match(answer, /"kind":"bad_input"/);
  }
  assert.match(await client.say('429["nonsense",{}]', /^439/), /"ok":false,"problem":\{"kind":"bad_input"/);
  assert.match(await client.say('421["text",{"text":"hi"}]', /^431/), /"ok":true,"turn_id"/);
  assert.equal(edge.errors.length, packets.length + 1);
  assert.equal(edge.sockets.closed, 0);
});

test('junk ends at most its own connection', async () => {
  await using edge = await startEdge();
  for (const junk of [
    '4',
    '49',
    '42',
    '42{}',
    '42["disconnect"]',
    '451-["audio"]',
    '43[]',
    '4399[1]',
    'x',
    '6',
    '40{',
  ]) {
    await using client = await rawClient(edge.url);
    client.send(junk);
  }
  assert.equal((await ask(edge.client(), 'session:start', {})).ok, true);
});

test('what is out of place is refused in words', async () => {
  await using edge = await startEdge();
  const client = edge.client();
  const refusal = async (event: string, ...args: unknown[]) => problemOf(await ask(client, event, ...args)).message;
  assert.match(await refusal('audio', wav(1)), /^audio came while no session is open/);
  assert.match(await refusal('audio:end', {}), /^audio:end came while no session is open/);
  assert.match(await refusal('text', { text: 'hi' }), /^text came while no session is open/);
  assert.match(await refusal('session:end'), /^session:end came while no session is open/);
  await ask(client, 'session:start', {});
  assert.match(await refusal('audio:end', {}), /without audio/);
  await ask(client, 'audio', wav(1));
  assert.match(await refusal('text', { text: 'hi' }), /while a recording is open/);
  await ask(client, 'session:start', {});
  assert.match(await refusal('audio:end', {}), /without audio/, 'a new start drops what was recorded');
});

test('a recording that can’t be taken is one problem, and the next one is a new start', async () => {
  await using edge = await startEdge();
  const client = edge.client();
  await ask(client, 'session:start', {});
  const end = async (type?: string) => problemOf(await ask(client, 'audio:end', { type }));

  await ask(client, 'audio', new Uint8Array(100));
  assert.match((await end('audio/wav')).message, /of no known kind: send WAV/);
  const long = wav(61);
  await ask(client, 'audio', long.subarray(0, 1_000_000));
  await ask(client, 'audio', long.subarray(1_000_000));
  assert.match((await end()).message, /61\.0 s long, and 60 s are allowed/);
  await ask(client, 'audio', new Uint8Array(0));
  assert.match((await end()).message, /empty/);
  assert.match(problemOf(await ask(client, 'audio', new Uint8Array(1024 * 1024 + 1))).message, /1 MiB.*smaller ones/);
  assert.match((await end()).message, /1 MiB/);

  const reported = edge.errors.length;
  const sent = () => edge.messages.filter((message) => message === 'sent problem').length;
  const before = sent();
  const chunk = new Uint8Array(1024 * 1024);
  const told = heard(client, 'problem');
  for (let n = 0; n < 28; n += 1) (client as Socket).emit('audio', chunk);
  assert.match((await told).message, /has 27262976 bytes, and 26214400 \(25 MiB\) are allowed/);
  assert.match((await end()).message, /25 MiB/);
  assert.equal(sent() - before, 1, 'however many chunks still came');
  assert.equal(new Set(edge.errors.slice(reported)).size, 1);

  const replied = heard(client, 'reply');
  await ask(client, 'audio', wav(1));
  await ask(client, 'audio:end', {});
  await replied;
});

test('a client that doesn’t read is let go before it fills the memory', async () => {
  const sentence = new Uint8Array(256 * 1024);
  let said = 0;
  const broken = Promise.withResolvers<void>();
  await using edge = await startEdge({
    async turn(session, input, listener, signal) {
      while (!signal.aborted && said < 1000) {
        listener.speech(sentence, said, false);
        said += 1;
        await setImmediate();
      }
      broken.resolve();
      return resultOf(session, input, 'hi', 'Well', true);
    },
  });
  const packets = ['40', '42["session:start",{"speak":true}]', '42["text",{"text":"hi"}]'];
  const client = await deafClient(edge.port, packets);
  await broken.promise;
  // What the kernel's buffers took comes on top of what is held in the process.
  assert.ok(said * sentence.length < 4 * MAX_BUFFERED_BYTES, `${said} sentences`);
  assert.deepEqual([edge.errors.length, edge.errors[0]?.kind, edge.sockets.closed], [1, 'rate_limited', 1]);
  assert.match(edge.errors[0]?.message ?? '', /bytes wait to be read/);
  client.destroy();
});
