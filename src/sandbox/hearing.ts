import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProviderError } from './provider-error.ts';
import { RECOGNIZER_RATE } from './recognizer.ts';
import { resample } from './resample.ts';
import { decodeWav } from './wav.ts';

const FORMATS = ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm'];
/** ffmpeg's readers for those; others could fetch what a playlist names. */
const DEMUXERS = 'flac,matroska,webm,mov,mp4,m4a,mp3,ogg,wav';
const MAX_PCM_BYTES = 256 * 2 ** 20;
const FRAME = RECOGNIZER_RATE / 50;
/** RMS of a 20 ms frame above which somebody may be speaking: −42 dB of full scale. */
const SPEECH_RMS = 260;
/** Less than 100 ms of it in a recording is a click, not a word. */
const SPEECH_FRAMES = 5;

/** Brings an uploaded file to the recogniser's form: WAV by itself, anything else with ffmpeg where there is one. */
export async function decodeAudio(file: Buffer, ffmpeg: string, signal: AbortSignal): Promise<Int16Array> {
  const pcm = decodeWav(file);
  if (pcm) return resample(pcm, RECOGNIZER_RATE).samples;
  // NOTE: a file and not a pipe, because MP4 may have its index at the end.
  const dir = await mkdtemp(join(tmpdir(), 'sandbox-hearing-'));
  try {
    const path = join(dir, 'upload');
    await writeFile(path, file);
    const raw = await runFfmpeg(ffmpeg, path, signal);
    return new Int16Array(raw.buffer, raw.byteOffset, raw.length >> 1);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Whether anybody could be speaking. A recogniser hears words in silence too, so it is not to be asked then. */
export function isSilent(pcm: Int16Array): boolean {
  let loud = 0;
  for (let start = 0; start + FRAME <= pcm.length; start += FRAME) {
    let energy = 0;
    for (let at = start; at < start + FRAME; at++) energy += (pcm[at] as number) ** 2;
    if (energy > FRAME * SPEECH_RMS ** 2 && ++loud >= SPEECH_FRAMES) return false;
  }
  return true;
}

async function runFfmpeg(ffmpeg: string, path: string, signal: AbortSignal): Promise<Buffer> {
  const input = ['-format_whitelist', DEMUXERS, '-i', path];
  const output = ['-f', 's16le', '-ac', '1', '-ar', String(RECOGNIZER_RATE), 'pipe:1'];
  const settings = { encoding: 'buffer' as const, maxBuffer: MAX_PCM_BYTES, signal };
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const args = ['-v', 'error', '-nostdin', ...input, ...output];
      execFile(ffmpeg, args, settings, (error, out) => (error ? reject(error) : resolve(out)));
    });
  } catch (error) {
    signal.throwIfAborted();
    const supported = `Supported formats: [${FORMATS.map((name) => `'${name}'`).join(', ')}]`;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const cure = missing ? '; without ffmpeg the sandbox decodes only 16-bit PCM WAV' : '';
    throw new ProviderError(400, `Invalid file format. ${supported}${cure}`);
  }
}
