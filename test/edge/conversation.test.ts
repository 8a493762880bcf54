import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_AUDIO_BYTES } from '../../src/edge/protocol.ts';
import { pcm, wav } from './sounds.ts';
import { startEdge } from './support.ts';

type Body = Record<string, unknown> & { detail: string };
const read = async (response: Response) => ({ status: response.status, body: (await response.json()) as Body });
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

test('a typed turn opens a session and is answered whole', async () => {
  await using edge = await startEdge();
  const { status, body } = await read(await edge.json('/api/conversation', { text: '  what is TCP? ' }));
  assert.equal(status, 200);
  assert.match(String(body.turn_id), /^[0-9a-f-]{36}$/);
  assert.deepEqual(body, {
    session_id: 'given-0',
    turn_id: body.turn_id,
    user_text: 'what is TCP?',
    agent_text: 'Good question.',
    intent: 'question',
    timestamp: '2025-01-21T12:00:00.000Z',
    interrupted: false,
    cost_usd: 0.00125,
    timings: {
      total_ms: 12,
      first_text_ms: 5,
      first_sound_ms: null,
      stages_ms: { transcribe: 1, context: 2, think: 3, speak: 0, store: 4, other: 2 },
    },
    budget: { session: { spent_usd: 0.00375, limit_usd: 1 }, month: { spent_usd: 4.5, limit_usd: null } },
  });
  const again = await read(
    await edge.json('/api/conversation', { text: 'and UDP?', session_id: 'mine', audio_base64: null }),
  );
  assert.equal(again.body.session_id, 'mine');
});

test('audio wins over text, in base64 of any make', async () => {
  await using edge = await startEdge();
  const sound = base64(wav(1.5));
  const makes = [
    sound,
    sound.replace(/=+$/, ''),
    sound.replaceAll('+', '-').replaceAll('/', '_'),
    sound.replace(/.{76}/g, '$&\r\n'),
    `data:audio/wav;base64,${sound}`,
    `data:audio/pcm;rate=8000;base64,${base64(pcm(1.5, 8000))}`,
  ];
  for (const audio_base64 of makes) {
    const { status, body } = await read(await edge.json('/api/conversation', { text: 'typed', audio_base64 }));
    assert.deepEqual([status, body.user_text], [200, 'wav of 1.5 s'], audio_base64.slice(0, 40));
  }
  assert.equal(edge.audio.length, makes.length);
  assert.deepEqual([edge.audio[0]?.format, edge.audio[0]?.bytes], ['wav', 44 + 48_000]);
});

test('a raw body is a turn of the session in the query', async () => {
  await using edge = await startEdge();
  const send = (bytes: Uint8Array, type: string, query = '') =>
    fetch(`${edge.url}/api/conversation${query}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: bytes as Uint8Array<ArrayBuffer>,
    });
  const heard = await read(await send(wav(2), 'audio/wav', '?session_id=mine'));
  assert.deepEqual([heard.body.session_id, heard.body.user_text], ['mine', 'wav of 2 s']);
  const raw = await read(await send(pcm(1), 'audio/pcm;rate=16000'));
  assert.deepEqual([raw.body.session_id, raw.body.user_text], ['given-1', 'wav of 1 s']);

  const refusals = [
    [await send(wav(1), 'audio/wav', '?session_id=a/b'), 422, /session_id/],
    [await send(wav(1), 'audio/wav', '?session_id=a&session_id=b'), 422, /session_id \(an array\)/],
    [await send(new Uint8Array(), 'audio/wav'), 422, /empty/],
    [await send(wav(61), 'audio/wav'), 413, /61\.0 s long, and 60 s/],
    [await send(new Uint8Array(100), 'audio/wav'), 415, /no known kind/],
    [await send(wav(1), 'application/octet-stream'), 415, /audio\/\*/],
    [await send(new Uint8Array(MAX_AUDIO_BYTES + 1), 'audio/wav'), 413, /26214400/],
  ] as const;
  for (const [response, expected, message] of refusals) {
    const { status, body } = await read(response);
    assert.equal(status, expected, body.detail);
    assert.match(body.detail, message);
  }
  assert.equal(edge.state.inputs.length, 2);
});

test('what can’t be answered is refused before a session is opened', async () => {
  await using edge = await startEdge();
  const tooLong = 'x'.repeat(8001);
  const refusals = [
    [{}, 422, /nothing to answer/],
    [{ text: '   ' }, 422, /text \(3 characters\): write at least one/],
    [{ text: tooLong }, 422, /text \(8001 characters\): write at most 8000/],
    [{ text: 5 }, 422, /text \(5\): .*string/],
    [{ text: 'hi', session_id: 'a b' }, 422, /session_id \("a b"\)/],
    [{ audio_base64: 'not base64!' }, 422, /is not base64/],
    [{ audio_base64: 'A' }, 422, /is not base64/],
    [{ audio_base64: base64(wav(61)) }, 413, /60 s are allowed/],
    [{ audio_base64: base64(new Uint8Array(MAX_AUDIO_BYTES + 1)) }, 413, /25 MiB/],
    [{ audio_base64: 'A'.repeat(40_000_000) }, 413, /larger than/],
  ] as const;
  for (const [sent, expected, message] of refusals) {
    const { status, body } = await read(await edge.json('/api/conversation', sent));
    assert.equal(status, expected, body.detail);
    assert.match(body.detail, message);
  }
  assert.deepEqual([...edge.state.sessions], []);
});
