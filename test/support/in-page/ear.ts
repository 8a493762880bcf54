import type { Heard } from '../ear.ts';

declare global {
  var ear: {
    heard(): Heard;
    soundSince(ms: number): number | undefined;
    silentSince(): number | undefined;
  };
}

{
  const SLOT_MS = 10;
  /** RMS above which it is sound, of a full scale of 1: -50 dB. */
  const AUDIBLE = 0.003;
  /** The newest slots may not be complete. */
  const SETTLED_MS = 60;
  /** Samples that an analyser keeps, its most: at 48 kHz what sounded in the last 680 ms. */
  const KEPT = 32_768;
  const POLL_MS = 20;

  /** What goes to the loudspeaker of one context; `shiftMs` leads from its clock to the page's. */
  type Tap = { analyser: AnalyserNode; frames: number; shiftMs: number };
  const taps = new Map<BaseAudioContext, Tap>();
  const samples = new Float32Array(KEPT);
  /** Mean square of each slot since the page began. */
  const energy: number[] = [];
  let missedMs = 0;

  const { connect, disconnect } = AudioNode.prototype;
  const call = (method: unknown, node: AudioNode, ...rest: unknown[]) =>
    Reflect.apply(method as () => never, node, rest);

  function tapOf(context: BaseAudioContext): Tap {
    const tap = taps.get(context) ?? {
      analyser: new AnalyserNode(context, { fftSize: KEPT }),
      frames: Math.round(context.currentTime * context.sampleRate),
      shiftMs: Number.POSITIVE_INFINITY,
    };
    taps.set(context, tap);
    return tap;
  }
  const audible = (to: unknown): to is AudioDestinationNode =>
    to instanceof AudioDestinationNode && to.context instanceof AudioContext;

  // The analyser is not connected to anything: what the loudspeaker gets stays what it was.
  AudioNode.prototype.connect = function (this: AudioNode, to: unknown, output = 0, ...input: unknown[]) {
    if (audible(to)) call(connect, this, tapOf(to.context).analyser, output);
    return call(connect, this, to, output, ...input);
  } as typeof connect;
  AudioNode.prototype.disconnect = function (this: AudioNode, ...from: unknown[]) {
    call(disconnect, this, ...from);
    const [to, ...output] = from;
    if (audible(to)) call(disconnect, this, tapOf(to.context).analyser, ...output.slice(0, 1));
    if (from.length === 0) end(this, this.context.currentTime);
  } as typeof disconnect;

  /** When each buffer begins and ends to sound, in seconds of its context. */
  const sources = new Map<AudioNode, { begin: number; end: number }>();
  function end(node: AudioNode, at: number): void {
    const source = sources.get(node);
    if (source) source.end = Math.min(source.end, at);
  }
  const { start } = AudioBufferSourceNode.prototype;
  AudioBufferSourceNode.prototype.start = function (when = 0, offset = 0, ...duration) {
    call(start, this, when, offset, ...duration);
    const begin = Math.max(when, this.context.currentTime);
    const rest = duration[0] ?? (this.loop ? Number.POSITIVE_INFINITY : (this.buffer?.duration ?? 0) - offset);
    sources.set(this, { begin, end: begin + rest / this.playbackRate.value });
  };
  const { stop } = AudioScheduledSourceNode.prototype;
  AudioScheduledSourceNode.prototype.stop = function (when = 0) {
    call(stop, this, when);
    end(this, Math.max(when, this.context.currentTime));
  };

  /** The most buffers that sounded at once; one that begins as another ends does not overlap it. */
  function atOnce(played: { beginMs: number; endMs: number }[]): number {
    const within = (at: number) => played.filter(({ beginMs, endMs }) => beginMs <= at && at < endMs - 1).length;
    return Math.max(0, ...played.map(({ beginMs }) => within(beginMs)));
  }
  function played(): { beginMs: number; endMs: number }[] {
    return [...sources].flatMap(([{ context }, { begin, end }]) => {
      const shiftMs = taps.get(context)?.shiftMs;
      return shiftMs === undefined ? [] : [{ beginMs: begin * 1000 + shiftMs, endMs: end * 1000 + shiftMs }];
    });
  }

  function listen(): void {
    const now = performance.now();
    for (const [context, tap] of taps) {
      const { sampleRate, currentTime } = context;
      const frames = Math.round(currentTime * sampleRate);
      const fresh = Math.min(frames - tap.frames, KEPT);
      missedMs += ((frames - tap.frames - fresh) / sampleRate) * 1000;
      tap.frames = frames;
      if (fresh <= 0) continue;
      // Both clocks go at one pace, but a context's is read late, by no more than a poll and a buffer, or it stood still.
      const shiftMs = now - currentTime * 1000;
      if (shiftMs < tap.shiftMs || shiftMs > tap.shiftMs + SETTLED_MS) tap.shiftMs = shiftMs;
      tap.analyser.getFloatTimeDomainData(samples);
      for (let i = 0; i < fresh; i++) {
        const atMs = ((frames - fresh + i) / sampleRate) * 1000 + tap.shiftMs;
        const slot = Math.floor(atMs / SLOT_MS);
        const sample = samples[KEPT - fresh + i] ?? 0;
        energy[slot] = (energy[slot] ?? 0) + (sample * sample * 1000) / (sampleRate * SLOT_MS);
      }
    }
  }
  setInterval(listen, POLL_MS);

  const loud = (slot: number) => Math.sqrt(energy[slot] ?? 0) > AUDIBLE;
  globalThis.ear = {
    heard() {
      listen();
      const slots = Math.floor(performance.now() / SLOT_MS);
      const rms = Array.from({ length: slots }, (_, slot) => Math.sqrt(energy[slot] ?? 0));
      return { slotMs: SLOT_MS, rms, sources: played().length, atOnce: atOnce(played()), missedMs };
    },
    soundSince(ms) {
      listen();
      for (let slot = Math.ceil(ms / SLOT_MS); slot < energy.length; slot++) if (loud(slot)) return slot * SLOT_MS;
      return undefined;
    },
    silentSince() {
      listen();
      let slot = energy.length - 1;
      while (slot >= 0 && !loud(slot)) slot--;
      if (slot < 0) return 0;
      const sinceMs = (slot + 1) * SLOT_MS;
      return performance.now() - sinceMs > SETTLED_MS ? sinceMs : undefined;
    },
  };
}
