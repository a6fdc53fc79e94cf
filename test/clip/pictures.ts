// Real H.264 for the clip: made by ffmpeg, taken apart into pictures, given to the ring as a feed does it.

import { execFileSync } from 'node:child_process';
import { fragmentOf, headOf } from '#agent/media/clip/mp4.ts';
import { type PictureGroup, Ring, type RingPicture, ticksPerMs } from '#agent/media/clip/ring.ts';
import { nal, typeOf } from '#agent/media/live/h264.ts';

export const frameTicks = 40 * ticksPerMs;

/** Units of an Annex B stream. */
function unitsOf(stream: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = stream.indexOf('\0\0\x01'); at >= 0; at = stream.indexOf('\0\0\x01', at + 3))
    starts.push(at + 3);
  return starts.map((from, n) => {
    const next = starts[n + 1];
    let end = next === undefined ? stream.length : next - 3;
    while (end > from && stream[end - 1] === 0) end--;
    return stream.subarray(from, end);
  });
}

/** 25 pictures a second, a key picture every `gopS`. */
export function coded(seconds: number, gopS: number, size = '320x240'): RingPicture[] {
  const source = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25:d=${seconds}`];
  const code = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', `${25 * gopS}`, '-bf', '0'];
  const x264 = ['-x264-params', 'aud=1:scenecut=0', '-pix_fmt', 'yuv420p', '-threads', '1'];
  const stream = execFileSync(
    'ffmpeg',
    ['-v', 'error', ...source, ...code, ...x264, '-f', 'h264', '-'],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const pictures: Buffer[][] = [];
  for (const unit of unitsOf(stream)) {
    if (typeOf(unit) === nal.delimiter) pictures.push([]);
    else if (typeOf(unit) !== nal.sei) pictures.at(-1)?.push(unit);
  }
  return pictures.map((units, n) => ({
    ...{ units, ticks: n * frameTicks },
    key: units.some((unit) => typeOf(unit) === nal.idr),
  }));
}

export function groupsOf(pictures: readonly RingPicture[]): readonly PictureGroup[] {
  const ring = new Ring({ keptMs: 3_600_000 });
  for (const picture of pictures) ring.push(picture);
  ring.cut();
  return ring.after(0);
}

export function fileOf(groups: readonly PictureGroup[]): Buffer {
  const [first] = groups;
  const head = first && headOf(first.sets, Date.UTC(2026, 0, 1));
  if (!first || !head) throw new Error('no groups');
  const start = first.samples[0]?.ticks ?? 0;
  return Buffer.concat([head, ...groups.flatMap((group, n) => fragmentOf(group, n + 1, start))]);
}

export interface Probed {
  /** What ffprobe and ffmpeg say against it; empty: nothing. */
  readonly complaints: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly seconds: number;
  readonly codec: string;
  /** Presentation time of each picture, seconds; sound is decoded, and not counted. */
  readonly times: readonly number[];
}

/** Decodes all of it. */
export function probe(file: string): Probed {
  const entries = 'stream=codec_tag_string,width,height:format=duration:frame=media_type,pts_time';
  const asked = ['-v', 'warning', '-show_entries', entries, '-of', 'json', file];
  const said = execFileSync('sh', ['-c', 'ffprobe "$@" 2>&1 >"$0"', `${file}.probe`, ...asked], {
    encoding: 'utf8',
    env: { ...process.env, AV_LOG_FORCE_NOCOLOR: '1' },
    maxBuffer: 64 * 1024 * 1024,
  });
  const told = JSON.parse(execFileSync('cat', [`${file}.probe`], { encoding: 'utf8' }));
  const [stream] = told.streams;
  const frames: { media_type: string; pts_time: string }[] = told.frames;
  const pictures = frames.filter((frame) => frame.media_type === 'video');
  const times = pictures.map((frame) => Number(frame.pts_time));
  const { width, height, codec_tag_string: codec } = stream;
  const seconds = Number(told.format.duration);
  return { complaints: said.trim(), width, height, codec, frames: times.length, seconds, times };
}
