/** How long the samples of a RIFF/WAVE file last, from its `fmt ` chunk and the bytes that are really there; undefined without either chunk. */
export function wavSeconds(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let bytesPerSecond: number | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = view.getUint32(at);
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    if (id === 0x666d7420 /* fmt  */ && size >= 16 && body + 16 <= bytes.length) {
      bytesPerSecond = rate(view, body);
    }
    if (id === 0x64617461 /* data */) {
      const present = bytes.length - body;
      // NOTE: whoever streams a WAV can't know its length, and writes 0 or 0xFFFFFFFF for "to the end".
      const length = size === 0 ? present : Math.min(size, present);
      return bytesPerSecond ? length / bytesPerSecond : undefined;
    }
    at = body + size + (size % 2);
  }
  return undefined;
}

/** Puts a WAV header before raw 16-bit little-endian mono samples. */
export function wavFromPcm16(pcm: Uint8Array, sampleRate: number): Uint8Array {
  const wav = new Uint8Array(44 + pcm.length);
  const view = new DataView(wav.buffer);
  view.setUint32(0, 0x52494646); // RIFF
  view.setUint32(4, 36 + pcm.length, true);
  view.setUint32(8, 0x57415645); // WAVE
  view.setUint32(12, 0x666d7420); // fmt
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  view.setUint32(36, 0x64617461); // data
  view.setUint32(40, pcm.length, true);
  wav.set(pcm, 44);
  return wav;
}

/** PCM is measured by its samples; what is compressed (µ-law and others) by the rate that its header states. */
function rate(view: DataView, fmt: number): number {
  const compressed = ![1, 3, 0xfffe].includes(view.getUint16(fmt, true));
  return compressed ? view.getUint32(fmt + 8, true) : view.getUint32(fmt + 4, true) * view.getUint16(fmt + 12, true);
}
