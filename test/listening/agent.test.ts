import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../src/client/voice-client.ts';
import { createListener, PCM_TYPE } from '../../src/listening/index.ts';
import { amiable, startAgentWithSandbox, youngMan } from '../client/support.ts';
import { detector, framesOf, join, noisy, silence, soundOf } from './support.ts';

test('the agent understands what was cut out of a stream as well as the recording itself', async () => {
  await using agent = await startAgentWithSandbox();
  const [first, second] = [await youngMan, await amiable];
  using client = await connect({ url: agent.url });
  const whole: string[] = [];
  for (const recording of [first, second]) whole.push((await client.speakAudio(recording).reply).user_text);

  const speech = await detector();
  const replies: Promise<string>[] = [];
  let judged: Promise<number> | undefined;
  const both = Promise.withResolvers<void>();
  const listener = createListener({
    probability(frame) {
      judged = speech.probability(frame);
      return judged;
    },
    onSpeech({ chunks }) {
      replies.push(client.speakAudio(chunks, { type: PCM_TYPE }).reply.then((reply) => reply.user_text));
      if (replies.length === 2) both.resolve();
    },
    onFailed: both.reject,
    onOverrun: () => both.reject(new Error('frames were dropped')),
  });
  const pause = noisy(silence(1), 0.0005);
  for (const frame of framesOf(join(pause, soundOf(first), pause, soundOf(second), pause))) {
    listener.hear(frame);
    await judged;
  }
  await both.promise;
  assert.deepEqual(await Promise.all(replies), whole);
});
