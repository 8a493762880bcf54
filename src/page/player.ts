/** Of a full scale of 1: -50 dB. */
const AUDIBLE = 0.003;
const BREATH_S = 0.01;

export interface Player {
  /**
   * Plays a sound file behind all that wait; sounds never overlap. Resolves with the moment (`performance.now()`) at which
   * it can be heard, undefined when it was silenced before; rejects when this browser can't play it.
   */
  play(sound: Uint8Array): Promise<number | undefined>;
  /** Stops at once, and drops what waits. */
  silence(): void;
  /** Whether something sounds or waits to. */
  readonly playing: boolean;
  /** A browser lets a page sound only after the learner did something: call this from there. */
  unlock(): void;
}

/** The companion's voice: sentences, one behind the other without a gap. `onChange` hears when it begins and falls silent. */
export function createPlayer(onChange: () => void): Player {
  let context: AudioContext | undefined;
  let free = 0;
  let round = 0;
  let waiting = 0;
  let line: Promise<unknown> = Promise.resolve();
  const sounding = new Set<AudioBufferSourceNode>();

  function audio(): AudioContext {
    context ??= new AudioContext({ latencyHint: 'interactive' });
    return context;
  }

  function schedule(buffer: AudioBuffer): number {
    const context = audio();
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    sounding.add(source);
    source.onended = () => {
      sounding.delete(source);
      onChange();
    };
    const start = Math.max(context.currentTime, free);
    // Nobody waits for the silence that a voice begins with; between two sentences it is the pause.
    const lead = leadingSilence(buffer);
    const skipped = sounding.size === 1 ? lead : 0;
    free = start + buffer.duration - skipped;
    source.start(start, skipped);
    const audible = start + lead - skipped - context.currentTime + (context.outputLatency || 0);
    return performance.now() + audible * 1000;
  }

  return {
    play(sound) {
      const mine = round;
      const context = audio();
      void context.resume();
      // NOTE: decoding takes the bytes away, so it gets a copy.
      const decoded = context.decodeAudioData(sound.slice().buffer);
      // It is awaited in its turn; until then a failure may not count as unhandled.
      decoded.catch(() => {});
      waiting += 1;
      // One behind the other: a short sentence is decoded before a long one that came first.
      const heard = line.then(async () => {
        try {
          const buffer = await decoded;
          return mine === round ? schedule(buffer) : undefined;
        } finally {
          if (mine === round) waiting -= 1;
          onChange();
        }
      });
      line = heard.catch(() => {});
      onChange();
      return heard;
    },
    silence() {
      round += 1;
      waiting = 0;
      free = 0;
      for (const source of sounding) source.stop();
      sounding.clear();
      onChange();
    },
    get playing() {
      return waiting > 0 || sounding.size > 0;
    },
    unlock() {
      void audio().resume();
    },
  };
}

/** Seconds before the first sample that can be heard, less the breath in which a sound rises. */
function leadingSilence(buffer: AudioBuffer): number {
  const first = buffer.getChannelData(0).findIndex((sample) => Math.abs(sample) > AUDIBLE);
  return Math.max(0, first / buffer.sampleRate - BREATH_S);
}
