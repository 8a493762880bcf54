import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CachedContext, STAGES, type Timings } from '../../src/conversation/ports.ts';
import { wavFromPcm16 } from '../../src/edge/wav.ts';
import { AppError, Cancelled } from '../../src/errors.ts';
import { ears, listening, patient, startDomain, typed } from '../support/domain.ts';

/** So many seconds of sound, as WAV of 16 kHz. */
function wav(seconds: number): Uint8Array {
  const samples = Int16Array.from({ length: seconds * 16_000 }, (_, i) => ((i * 7919) % 20_000) - 10_000);
  return wavFromPcm16(new Uint8Array(samples.buffer), 16_000);
}

function assertAddsUp({ total, stages }: Timings): void {
  const sum = STAGES.reduce((ms, stage) => ms + stages[stage], 0);
  assert.ok(Math.abs(sum - total) < 1, `stages add up to ${sum} ms, the turn took ${total} ms`);
}

test('a spoken turn is heard, answered, spoken, stored, remembered and paid for', async () => {
  await using domain = await startDomain();
  const session = await domain.conversation.open('s1');
  const { heard, sounds, listener } = listening();
  const input = {
    turnId: 'a',
    receivedAt: performance.now(),
    speak: true,
    speech: { bytes: wav(3), format: 'wav' as const },
  };
  const result = await domain.conversation.turn(session, input, listener, patient());

  assert.equal(result.userText.toLowerCase(), ears.hears);
  assert.equal(result.intent, 'question');
  assert.equal(heard[0], `transcript ${result.userText}`);
  assert.equal(heard.slice(1).join(''), result.agentText);
  assert.deepEqual(
    sounds.map(({ seq }) => seq),
    sounds.map((_, index) => index),
  );
  assert.deepEqual(
    sounds.map(({ last }) => last),
    [...sounds.slice(1).map(() => false), true],
  );
  assert.ok(sounds.length >= 3, 'two sentences or more, and the end');

  const [capture] = await domain.store.history('s1', 10);
  assert.equal(capture?.agentText, result.agentText);
  assert.deepEqual(await domain.cache.get('s1'), {
    exchangeCount: 1,
    exchanges: [{ userText: result.userText, agentText: result.agentText }],
  });
  assertAddsUp(result.timings);
  assert.ok(result.timings.stages.transcribe > 0 && result.timings.stages.think > 0 && result.timings.stages.store > 0);
  assert.ok((result.timings.firstText ?? 0) <= (result.timings.firstSound ?? 0));

  const totals = domain.sandbox.calls.totals();
  const spoken = totals.speech.characters * (15 / 1e6);
  const claude = (totals.messages.input_tokens * 1 + totals.messages.output_tokens * 5) / 1e6;
  const whisper = (totals.transcriptions.audio_seconds / 60) * 0.006;
  assert.ok(Math.abs(result.costUsd - (spoken + claude + whisper)) < 1e-9, 'the price of what the providers billed');
  assert.ok(Math.abs((await domain.store.spentUsd({})) - result.costUsd) < 1e-9);

  const [facts] = domain.facts;
  assert.equal(domain.facts.length, 1);
  assert.equal(facts?.outcome, 'answered');
  assert.ok(facts?.quality !== undefined && facts.quality >= 0 && facts.quality <= 1);
});

test('context is the last five exchanges as role turns, newest last, from the cache and from the store alike', async () => {
  await using domain = await startDomain();
  const session = await domain.conversation.open('s1');
  const said: string[] = [];
  for (let i = 1; i <= 7; i++) {
    const text = `Fact number ${i} about volcanoes`;
    said.push(text);
    await domain.conversation.turn(session, typed(text), listening().listener, patient());
  }
  const cached = await domain.cache.get('s1');
  assert.deepEqual(
    cached?.exchanges.map(({ userText }) => userText),
    said.slice(-5),
  );
  await domain.cache.delete('s1');
  await domain.conversation.turn(session, typed('And now?'), listening().listener, patient());
  const rebuilt = await domain.cache.get('s1');
  assert.deepEqual(
    rebuilt?.exchanges.map(({ userText }) => userText),
    [...said.slice(-4), 'And now?'],
  );
});

test('turns of one session run one after the other, and none is lost', async () => {
  await using domain = await startDomain({ sandbox: { faults: { messages: { latency_ms: 30 } } } });
  const session = await domain.conversation.open('s1');
  const texts = ['one about ants', 'two about bees', 'three about cats', 'four about dogs', 'five about eels'];
  await Promise.all(
    texts.map((text) => domain.conversation.turn(session, typed(text), listening().listener, patient())),
  );
  const history = await domain.store.history('s1', 10);
  assert.deepEqual(
    history.map(({ userText }) => userText),
    texts,
  );
  assert.deepEqual(
    (await domain.cache.get('s1'))?.exchanges.map(({ userText }) => userText),
    texts,
  );
});

test('a session takes eight waiting turns, then asks to wait', async () => {
  await using domain = await startDomain({ sandbox: { faults: { messages: { latency_ms: 100 } } } });
  const session = await domain.conversation.open('s1');
  const turns = Array.from({ length: 9 }, (_, i) =>
    domain.conversation.turn(session, typed(`turn ${i}`), listening().listener, patient()),
  );
  const settled = await Promise.allSettled(turns);
  const refused = settled.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  assert.equal(refused.length, 1);
  assert.equal(refused[0]?.reason.kind, 'rate_limited');
  assert.equal((await domain.store.history('s1', 20)).length, 8);
});

test('broken off after its first word, a turn is stored as far as it was said', async () => {
  await using domain = await startDomain({ sandbox: { faults: { messages: { token_delay_ms: 20 } } } });
  const session = await domain.conversation.open('s1');
  const interrupt = new AbortController();
  const { heard, listener } = listening();
  const stopAtThird = {
    ...listener,
    delta(text: string) {
      listener.delta(text);
      if (heard.length === 4) interrupt.abort(new Cancelled('interrupt'));
    },
  };
  const result = await domain.conversation.turn(
    session,
    typed('Explain how tides work'),
    stopAtThird,
    interrupt.signal,
  );
  assert.equal(result.interrupted, true);
  assert.equal(result.agentText, heard.slice(1).join(''));
  const [capture] = await domain.store.history('s1', 10);
  assert.equal(capture?.agentText, result.agentText);
  assert.equal(capture?.metadata.interrupted, true);
  assert.equal(capture?.metadata.quality, undefined);
  assert.deepEqual(
    domain.facts.map(({ outcome, byLearner, costs }) => [outcome, byLearner, costs.length]),
    [['interrupted', true, 1]],
  );
  await domain.sandbox.calls.idle();
  assert.equal(domain.sandbox.calls.totals().messages.by_outcome.cancelled, 1, 'the provider call was cancelled');
  assertAddsUp(result.timings);
});

test('broken off before its first word, a turn leaves nothing but what it cost', async () => {
  await using domain = await startDomain({ sandbox: { faults: { messages: { latency_ms: 5_000 } } } });
  const session = await domain.conversation.open('s1');
  const leave = new AbortController();
  const { listener } = listening();
  const input = {
    turnId: 'b',
    receivedAt: performance.now(),
    speak: false,
    speech: { bytes: wav(2), format: 'wav' as const },
  };
  const leaveOnTranscript = {
    ...listener,
    transcript: () => leave.abort(new Cancelled('disconnect')),
  };
  const result = await domain.conversation.turn(session, input, leaveOnTranscript, leave.signal);
  assert.deepEqual([result.interrupted, result.agentText], [true, '']);
  assert.deepEqual(await domain.store.history('s1', 10), []);
  assert.equal(await domain.cache.get('s1'), undefined);
  assert.ok(Math.abs((await domain.store.spentUsd({ sessionId: 's1' })) - (2 / 60) * 0.006) < 1e-9);
  assert.equal(domain.facts[0]?.intent, undefined);
});

test('a failed turn is an error with what it cost, and is never stored', async () => {
  await using domain = await startDomain({ sandbox: { faults: { messages: { cut: 'body' } } } });
  const session = await domain.conversation.open('s1');
  const error = await domain.conversation
    .turn(session, typed('Tell me about rain'), listening().listener, patient())
    .catch((thrown) => thrown);
  assert.ok(error instanceof AppError);
  assert.equal(error.kind, 'provider_unavailable');
  assert.ok(Number(error.extra.cost_usd) > 0, 'the cut stream was billed');
  assert.deepEqual(await domain.store.history('s1', 10), []);
  assert.ok(Math.abs((await domain.store.spentUsd({})) - Number(error.extra.cost_usd)) < 1e-9);
  assert.deepEqual(
    domain.facts.map(({ outcome }) => outcome),
    ['failed'],
  );
  domain.sandbox.faults.clear();
  const next = await domain.conversation.turn(session, typed('Tell me about rain'), listening().listener, patient());
  assert.ok(next.agentText.length > 0, 'and the session goes on');
});

test('silence is an empty turn, told to the learner', async () => {
  await using domain = await startDomain();
  const session = await domain.conversation.open('s1');
  const silence = { bytes: wavFromPcm16(new Uint8Array(32_000), 16_000), format: 'wav' as const };
  const input = { turnId: 'c', receivedAt: performance.now(), speak: false, speech: silence };
  const error = await domain.conversation
    .turn(session, input, listening().listener, patient())
    .catch((thrown) => thrown);
  assert.equal(error.kind, 'bad_input');
  assert.match(error.message, /No words were heard/);
  assert.deepEqual(
    domain.facts.map(({ outcome }) => outcome),
    ['empty'],
  );
});

test('a voice that fails costs the reply its sound and not its words, and is told', async () => {
  await using domain = await startDomain({ sandbox: { faults: { speech: { status: 500 } } } });
  const session = await domain.conversation.open('s1');
  const result = await domain.conversation.turn(
    session,
    typed('Tell me about wind', true),
    listening().listener,
    patient(),
  );
  assert.ok(result.agentText.length > 0);
  assert.match(String(result.speechProblem), /./);
  assert.deepEqual(
    domain.errors.map(({ component }) => component),
    ['speech'],
  );
  assert.deepEqual(
    domain.facts.map(({ outcome }) => outcome),
    ['answered'],
  );
});

test('a turn past its deadline is a timeout', async () => {
  await using domain = await startDomain({
    turnTimeoutS: 0.2,
    sandbox: { faults: { messages: { latency_ms: 5_000 } } },
  });
  const session = await domain.conversation.open('s1');
  const error = await domain.conversation
    .turn(session, typed('Tell me about snow'), listening().listener, patient())
    .catch((thrown) => thrown);
  assert.equal(error.kind, 'timeout');
  assert.deepEqual(
    domain.facts.map(({ outcome }) => outcome),
    ['failed'],
  );
});

test('a model without a price costs nothing that we could say, and is marked', async () => {
  await using domain = await startDomain({ sandbox: { faults: { messages: { model: 'claude-of-tomorrow' } } } });
  const session = await domain.conversation.open('s1');
  const result = await domain.conversation.turn(session, typed('Tell me about fog'), listening().listener, patient());
  assert.equal(result.costUsd, 0);
  assert.deepEqual(
    domain.facts[0]?.costs.map(({ model, usd }) => [model, usd]),
    [['claude-of-tomorrow', null]],
  );
});

test('a cache that fails is told and costs no turn; a stale one is not believed when it is back', async () => {
  let broken = false;
  const kept = new Map<string, CachedContext>();
  const attempt = async <T>(value: () => T): Promise<T> => {
    if (broken) throw new AppError('provider_unavailable', 'cache', 'Redis is down.');
    return value();
  };
  const cache = {
    get: (id: string) => attempt(() => kept.get(id)),
    set: (id: string, context: CachedContext) => attempt(() => void kept.set(id, context)),
    delete: (id: string) => attempt(() => void kept.delete(id)),
    ping: async () => {},
    close: async () => {},
  };
  await using domain = await startDomain({ cache });
  const session = await domain.conversation.open('s1');
  const say = (text: string) => domain.conversation.turn(session, typed(text), listening().listener, patient());
  await say('First about ants');
  broken = true;
  await say('Second about bees');
  assert.deepEqual(
    domain.errors.map(({ component }) => component),
    ['cache', 'cache'],
  );
  broken = false;
  await say('Third about cats');
  assert.deepEqual(
    kept.get('s1')?.exchanges.map(({ userText }) => userText),
    ['First about ants', 'Second about bees', 'Third about cats'],
  );
});

test('a recording whose length only the transcriber could tell is refused when it was too long', async () => {
  await using domain = await startDomain();
  const session = await domain.conversation.open('s1');
  const input = {
    turnId: 'd',
    receivedAt: performance.now(),
    speak: false,
    speech: { bytes: wav(61), format: 'wav' as const },
  };
  const error = await domain.conversation
    .turn(session, input, listening().listener, patient())
    .catch((thrown) => thrown);
  assert.deepEqual([error.kind, error.status], ['bad_input', 413]);
  assert.match(error.message, /61\.0 s long; send at most 60 s/);
  assert.deepEqual(
    domain.facts.map(({ outcome }) => outcome),
    ['refused'],
  );
});

test('what was synthesised is paid for in every window, also when a later sentence or Claude fails', async () => {
  const cases = [
    { faults: { speech: [{ times: 1, latency_ms: 60 }, { status: 500 }] }, fails: false },
    { faults: { messages: { cut: 'body', after_deltas: 25 } }, fails: true },
  ] as const;
  for (const { faults, fails } of cases) {
    await using domain = await startDomain();
    domain.sandbox.faults.set(structuredClone(faults) as never);
    const session = await domain.conversation.open('s1');
    const { sounds, listener } = listening();
    const turn = domain.conversation.turn(
      session,
      typed('Why is the sky blue and the sea too?', true),
      listener,
      patient(),
    );
    const told = await turn.then(
      ({ costUsd }) => costUsd,
      (error: AppError) => Number(error.extra.cost_usd),
    );
    const soundsAtTheEnd = sounds.length;
    await domain.sandbox.calls.idle();
    assert.equal(sounds.length, soundsAtTheEnd, 'no sound after the end');
    const [facts] = domain.facts;
    const counted = (facts?.costs ?? []).reduce((sum, { usd }) => sum + (usd ?? 0), 0);
    const stored = await domain.store.spentUsd({});
    assert.equal(facts?.outcome, fails ? 'failed' : 'answered');
    assert.ok(
      told > 0 && Math.abs(told - counted) < 1e-9 && Math.abs(told - stored) < 1e-9,
      `${told} ${counted} ${stored}`,
    );
  }
});

test('a turn that a shutdown breaks off before its first word is told to come again', async () => {
  await using domain = await startDomain({ sandbox: { faults: { messages: { latency_ms: 5_000 } } } });
  const session = await domain.conversation.open('s1');
  const stop = new AbortController();
  const listener = { ...listening().listener, transcript: () => stop.abort(new Cancelled('shutdown')) };
  const error = await domain.conversation
    .turn(session, typed('Tell me about ice'), listener, stop.signal)
    .catch((thrown) => thrown);
  assert.deepEqual([error.kind, error.status], ['provider_unavailable', 503]);
  assert.deepEqual(
    domain.facts.map(({ outcome, byLearner }) => [outcome, byLearner]),
    [['interrupted', false]],
  );
});

test('a turn that finds no room, or no database, still ends as a turn', async () => {
  const domain = await startDomain();
  const session = await domain.conversation.open('s1');
  await domain.conversation.end(session);
  await domain.store.close();
  const error = await domain.conversation
    .turn(session, typed('Hello there'), listening().listener, patient())
    .catch((thrown) => thrown);
  assert.equal(error.component, 'database');
  assert.equal(error.extra.outcome, 'failed');
  assert.deepEqual(
    domain.facts.map(({ outcome }) => outcome),
    ['failed'],
  );
  await domain[Symbol.asyncDispose]();
});
