/** Puts WAV files of one format behind each other as one file. Throws when one is no WAV or of another format. */
export function joinWavs(files: Uint8Array[]): Uint8Array {
  const parts = files.map(chunksOf);
  const [first] = parts;
  if (!first) throw new Error('There is no sound to join.');
  for (const { format } of parts) {
    if (!Buffer.from(format).equals(first.format)) throw new Error('The sounds differ in rate, width or channels.');
  }
  const size = parts.reduce((sum, { data }) => sum + data.length, 0);
  const header = Buffer.alloc(28);
  header.write('RIFF', 0);
  header.writeUInt32LE(4 + 8 + first.format.length + 8 + size, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(first.format.length, 16);
  const start = Buffer.alloc(8);
  start.write('data', 0);
  start.writeUInt32LE(size, 4);
  return Buffer.concat([header.subarray(0, 20), first.format, start, ...parts.map(({ data }) => data)]);
}

/** The two chunks that matter. Layout: http://soundfile.sapp.org/doc/WaveFormat/ */
function chunksOf(file: Uint8Array): { format: Uint8Array; data: Uint8Array } {
  const wav = Buffer.from(file.buffer, file.byteOffset, file.length);
  let format: Uint8Array | undefined;
  if (wav.toString('latin1', 8, 12) === 'WAVE') {
    for (let at = 12; at + 8 <= wav.length; ) {
      const size = wav.readUInt32LE(at + 4);
      const body = wav.subarray(at + 8, at + 8 + size);
      const id = wav.toString('latin1', at, at + 4);
      if (id === 'fmt ') format = body;
      if (id === 'data' && format) return { format, data: body };
      at += 8 + size + (size & 1);
    }
  }
  throw new Error('A sound is no WAV file.');
}
