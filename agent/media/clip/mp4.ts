// The picture as a track of a file (ISO/IEC 14496-15): H.264 as the dome coded it, a group of pictures a
// fragment, with the sound beside it where there is any. Nothing is coded anew.

import type { Video } from '../../core/evidence.ts';
import type { StreamName } from '../../core/picture.ts';
import { nal, typeOf } from '../live/h264.ts';
import { box, fragmentWith, movieOf, type Run, type Track, u8, u16, u32, zeros } from './boxes.ts';
import { soundTrack } from './opus.ts';
import type { PictureGroup } from './ring.ts';
import { sizeOf } from './sps.ts';

const timescale = 90_000;
/** Of one picture: what is longer is a gap, and the next fragment tells its own time. */
const longestTicks = 60 * timescale;
/** Name of the track. */
const names: { readonly [S in StreamName]: string } = { main: 'gate main', sub: 'gate sub' };
const setsOf = (sets: readonly Buffer[], type: number) =>
  sets.filter((set) => typeOf(set) === type);

/**
 * What a file begins with.
 * @param sets Parameter sets of the pictures; without a sequence parameter set there is no file: null.
 * @param wallMs Unix time of its first picture.
 * @param stream Of the dome; the file says it.
 */
export function headOf(
  sets: readonly Buffer[],
  wallMs: number,
  stream: StreamName = 'main',
  hasSound = false,
): Buffer | null {
  const [sps] = setsOf(sets, nal.sps);
  if (!sps || sps.length < 4) return null;
  const { width, height } = sizeOf(sps) ?? { width: 0, height: 0 };
  const entry = avc1(sets, sps, width, height);
  const name = names[stream];
  const picture: Track = { handler: 'vide', name, timescale, entry, width, height };
  return movieOf(hasSound ? [picture, soundTrack('gate')] : [picture], wallMs);
}

function avc1(sets: readonly Buffer[], sps: Buffer, width: number, height: number): Buffer {
  const withLength = (set: Buffer) => Buffer.concat([u16(set.length), set]);
  const [all, pictures] = [setsOf(sets, nal.sps), setsOf(sets, nal.pps)];
  const avcC = box(
    'avcC',
    // Profile, constraints and level as the first set tells them; lengths of four bytes.
    ...[u8(1), sps.subarray(1, 4), u8(0xff, 0xe0 | all.length), ...all.map(withLength)],
    ...[u8(pictures.length), ...pictures.map(withLength)],
  );
  return box(
    'avc1',
    ...[zeros(6), u16(1), zeros(16), u16(width), u16(height), u32(0x480000, 0x480000, 0)],
    ...[u16(1), zeros(32), u16(0x18), u16(0xffff), avcC],
  );
}

/**
 * One group as a fragment: its bytes in their order, the pictures' own among them, uncopied.
 * @param number Rises from 1.
 * @param startTicks Of the file's first picture: it is time 0.
 */
export function fragmentOf(
  group: PictureGroup,
  number: number,
  startTicks: number,
  sound: readonly Run[] = [],
): Buffer[] {
  const { samples, endTicks } = group;
  const [first] = samples;
  if (!first) throw new Error('a group without a picture');
  const timed = samples.map(({ ticks, data }, n) => {
    const passed = (samples[n + 1]?.ticks ?? endTicks) - ticks;
    return { duration: Math.min(longestTicks, Math.max(1, passed)), data };
  });
  const start = first.ticks - startTicks;
  return fragmentWith([{ track: 1, start, samples: timed, isGroup: true }, ...sound], number);
}

/** What a head that `headOf` has made says of its pictures; null where it has none. */
export function videoOf(head: Buffer): Video | null {
  const at = head.indexOf('avc1', head.indexOf('stsd'));
  if (at < 0 || at + 32 > head.length) return null;
  const [width, height] = [head.readUInt16BE(at + 28), head.readUInt16BE(at + 30)];
  const stream = head.includes(`${names.sub}\0`) ? 'sub' : 'main';
  return { stream, codec: 'h264', width, height };
}
