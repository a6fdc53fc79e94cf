// What can be heard and seen in a file that was kept: its sound decoded, its pictures read.

import { spawnSync } from 'node:child_process';
import { readScene, type Scene } from '#agent/sim/dome/scene/code.ts';
import { frameSamples, type Recording } from './recording.ts';

const outputMax = 512 * 1024 * 1024;

/** Bytes of a decoder, which has nothing to say against the file. */
function decoded(file: string, args: readonly string[]): Buffer {
  const all = ['-v', 'warning', '-i', file, ...args, 'pipe:1'];
  const { stdout, stderr, error } = spawnSync('ffmpeg', all, { maxBuffer: outputMax });
  if (error) throw error;
  if (stderr.length > 0) throw new Error(`${file}: ${stderr.toString()}`);
  return stdout;
}

/** A track of sound (from 0), all of it, as heard by somebody who began at `startMs`. Throws where the
 * decoder complains. */
export function soundIn(file: string, track: number, startMs: number): Recording {
  const args = ['-map', `0:a:${track}`, '-f', 's16le', '-ar', '48000', '-ac', '1'];
  const bytes = decoded(file, args);
  const samples = new Int16Array(bytes.length >> 1);
  bytes.copy(Buffer.from(samples.buffer));
  const frames = Math.floor(samples.length / frameSamples);
  return { times: Array.from({ length: frames }, (_, n) => startMs + 10 * n), samples };
}

/** What the pictures say of themselves, in their order. */
export function scenesIn(file: string, width: number, height: number): (Scene | null)[] {
  const args = ['-map', '0:v:0', '-pix_fmt', 'gray', '-fps_mode', 'passthrough'];
  // Or two of them that come at nearly the same time are one to whoever writes them.
  const exactly = ['-enc_time_base', '1:90000', '-f', 'rawvideo'];
  const bytes = decoded(file, [...args, ...exactly]);
  const size = width * height;
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, n) =>
    readScene(bytes.subarray(n * size, (n + 1) * size), width, height),
  );
}

export interface SoundTold {
  readonly codec: string;
  readonly startS: number;
  readonly seconds: number;
  /** For a person: who is heard. */
  readonly name: string;
}

/** What the file tells of its sound. */
export function soundsOf(file: string): SoundTold[] {
  const entries = 'stream=codec_name,start_time,duration:stream_tags=handler_name';
  const args = ['-v', 'warning', '-select_streams', 'a', '-show_entries', entries];
  const { stdout, stderr } = spawnSync('ffprobe', [...args, '-of', 'json', file]);
  if (stderr.length > 0) throw new Error(`${file}: ${stderr.toString()}`);
  return JSON.parse(stdout.toString()).streams.map(
    (one: { codec_name: string; start_time: string; duration: string; tags?: object }) => ({
      codec: one.codec_name,
      startS: Number(one.start_time),
      seconds: Number(one.duration),
      name: (one.tags as { handler_name?: string } | undefined)?.handler_name ?? '',
    }),
  );
}
