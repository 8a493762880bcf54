/*
 * Hands-free listening, for a page and for Node alike. A page loads it when it is first wanted (the runtime has 14 MB),
 * and keeps the one detector for all the listeners that it makes, one after the other:
 *
 *   const { createListener, createSpeechDetector, PCM_TYPE } = await import('../listening/index.ts');
 *   const model = await (await fetch('/vendor/silero-vad.onnx')).arrayBuffer();
 *   const detector = await createSpeechDetector({ model, wasm: '/vendor/onnxruntime-web.wasm' });
 *
 *   detector.reset();
 *   const listener = createListener({
 *     probability: detector.probability,
 *     onSpeech(utterance) {
 *       player.silence();
 *       if (!utterance.continues) void client.interrupt();
 *       const turn = client.speakAudio(utterance.chunks, { type: PCM_TYPE });
 *       utterance.ended.then(({ silenceMs }) => (endOfSpeech = performance.now() - silenceMs), () => {});
 *     },
 *     onFailed: (error) => say(error.message),
 *   });
 *   microphone gives 512 samples of 16 kHz at a time: listener.hear(frame); listener.discard(reason) when what is being
 *   said is taken back; listener.stop() when it is switched off.
 *
 * `onSpeech` comes about 0.2 s after the first sound of speech; by then the utterance holds everything from 0.3 s before
 * it. What the microphone hears of the loudspeaker must be taken out before (the browser's echo cancellation), or the
 * companion interrupts itself.
 */
export { createFramer, FRAME_MS, FRAME_SAMPLES, PCM_TYPE, SAMPLE_RATE } from './frames.ts';
export { createListener, type Listener, type ListenerOptions, type ListenerSettings } from './listener.ts';
export { createSpeechDetector, type SpeechDetector, type SpeechDetectorOptions } from './silero.ts';
export type { Utterance, UtteranceEnd } from './utterance.ts';
