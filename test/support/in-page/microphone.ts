declare global {
  var microphone: { speak(wav: string): Promise<{ beganMs: number; endedMs: number }> };
}

{
  let mouth: GainNode | undefined;
  const air = () => {
    mouth ??= new GainNode(new AudioContext());
    return mouth;
  };

  const devices = navigator.mediaDevices;
  const ask = devices.getUserMedia.bind(devices);
  // The real one is asked as well: who is refused it, or has none, gets none here.
  devices.getUserMedia = async (constraints) => {
    const stream = await ask(constraints);
    for (const track of stream.getAudioTracks()) {
      track.stop();
      stream.removeTrack(track);
      const membrane = new MediaStreamAudioDestinationNode(air().context as AudioContext, { channelCount: 1 });
      air().connect(membrane);
      for (const heard of membrane.stream.getAudioTracks()) stream.addTrack(heard);
    }
    return stream;
  };

  globalThis.microphone = {
    async speak(wav) {
      const { context } = air();
      const buffer = await context.decodeAudioData(Uint8Array.from(atob(wav), (char) => char.charCodeAt(0)).buffer);
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(air());
      const ended = new Promise((resolve) => source.addEventListener('ended', resolve));
      const beganMs = performance.now();
      source.start();
      await ended;
      return { beganMs, endedMs: performance.now() };
    },
  };
}

export type {};
