import type { Prompt, Responder, Synthesizer, Transcriber } from '../../conversation/ports.ts';
import type { Telemetry } from '../sdk.ts';
import { watchCall } from './gen-ai.ts';

/** Watches Whisper: a span, calls, duration, errors. The audio's size is counted where it comes in. */
export function watchTranscriber(inner: Transcriber, telemetry: Telemetry): Transcriber {
  const { instruments, outliers } = telemetry;
  return {
    model: inner.model,
    probe: (signal) => inner.probe(signal),
    async transcribe(speech, signal) {
      const call = watchCall(telemetry, {
        operation: 'transcription',
        provider: 'openai',
        model: inner.model,
        component: 'whisper',
      });
      let failure: unknown;
      try {
        return await call.run(() => inner.transcribe(speech, signal));
      } catch (thrown) {
        failure = thrown;
        throw thrown;
      } finally {
        const status = call.finish(failure, signal);
        instruments.whisper_api_calls_total.add(1, { status });
        instruments.whisper_api_duration_seconds.record(call.seconds());
        instruments.audio_processing_duration_seconds.record(call.seconds(), { operation: 'transcribe' });
        outliers.offer('whisper_api_duration_seconds', call.seconds());
      }
    },
  };
}

/** Watches Claude: a span, calls, duration, tokens, the first chunk, errors. */
export function watchResponder(inner: Responder, telemetry: Telemetry): Responder {
  const { instruments, outliers } = telemetry;
  const { model } = inner;
  for (const status of ['success', 'error'] as const) instruments.claude_api_calls_total.zero({ model, status });
  for (const type of ['input', 'output', 'cache_read', 'cache_write'] as const) {
    instruments.claude_api_tokens_total.zero({ model, type });
  }
  const labels = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'anthropic',
    'gen_ai.request.model': model,
  } as const;
  return {
    model,
    probe: (signal) => inner.probe(signal),
    async *respond(prompt, signal) {
      const call = watchCall(telemetry, { operation: 'chat', provider: 'anthropic', model, component: 'claude' });
      // NOTE: an async generator runs in the context of each next(), so each one is put into the span's.
      const parts = call.run(() => inner.respond(prompt, signal)[Symbol.asyncIterator]());
      let first = true;
      let said = '';
      let failure: unknown;
      try {
        for (;;) {
          const { done, value: part } = await call.run(() => parts.next());
          if (done) break;
          if (part.type === 'text') {
            if (first) instruments['gen_ai.client.operation.time_to_first_chunk'].record(call.seconds(), labels);
            first = false;
            if (telemetry.captureContent) said += part.text;
          } else {
            const { input, output, cacheRead, cacheWrite } = part.usage;
            instruments.claude_api_tokens_total.add(input, { model, type: 'input' });
            instruments.claude_api_tokens_total.add(output, { model, type: 'output' });
            instruments.claude_api_tokens_total.add(cacheRead, { model, type: 'cache_read' });
            instruments.claude_api_tokens_total.add(cacheWrite, { model, type: 'cache_write' });
            const usage = instruments['gen_ai.client.token.usage'];
            usage.record(input + cacheRead + cacheWrite, { ...labels, 'gen_ai.token.type': 'input' });
            usage.record(output, { ...labels, 'gen_ai.token.type': 'output' });
            call.span.setAttributes({
              'gen_ai.response.model': part.model,
              'gen_ai.usage.input_tokens': input + cacheRead + cacheWrite,
              'gen_ai.usage.output_tokens': output,
            });
          }
          yield part;
        }
      } catch (thrown) {
        failure = thrown;
        throw thrown;
      } finally {
        await parts.return?.();
        if (telemetry.captureContent) call.span.setAttributes(content(prompt, said));
        const status = call.finish(failure, signal);
        instruments.claude_api_calls_total.add(1, { model, status });
        instruments.claude_api_duration_seconds.record(call.seconds(), { model });
        outliers.offer('claude_api_duration_seconds', call.seconds());
      }
    },
  };
}

/** Watches speech synthesis: a span, duration and errors, a sentence at a time. */
export function watchSynthesizer(inner: Synthesizer, telemetry: Telemetry): Synthesizer {
  return {
    model: inner.model,
    async synthesize(text, signal) {
      const call = watchCall(telemetry, {
        operation: 'speech',
        provider: 'openai',
        model: inner.model,
        component: 'speech',
      });
      let failure: unknown;
      try {
        return await call.run(() => inner.synthesize(text, signal));
      } catch (thrown) {
        failure = thrown;
        throw thrown;
      } finally {
        call.finish(failure, signal);
        telemetry.instruments.audio_processing_duration_seconds.record(call.seconds(), { operation: 'synthesize' });
      }
    },
  };
}

/** The words, as https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ lays them out. */
function content(prompt: Prompt, said: string) {
  const message = (role: string, text: string) => ({ role, parts: [{ type: 'text', content: text }] });
  return {
    'gen_ai.input.messages': JSON.stringify(prompt.messages.map(({ role, content }) => message(role, content))),
    'gen_ai.output.messages': JSON.stringify([message('assistant', said)]),
  };
}
