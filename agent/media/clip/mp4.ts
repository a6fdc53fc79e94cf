// Fragmented MP4 (ISO/IEC 14496-12, 14496-15): a head, then one fragment a group of pictures. Nothing is
// coded anew, and nothing is ever written twice, so a file whose end is torn off plays up to there.

import type { Video } from '../../core/evidence.ts';
import type { StreamName } from '../../core/picture.ts';
import { nal, typeOf } from '../live/h264.ts';
import type { PictureGroup } from './ring.ts';
import { sizeOf } from './sps.ts';

const timescale = 90_000;
const u8 = (...values: number[]): Buffer => Buffer.from(values);
const u16 = (value: number): Buffer => u8(value >> 8, value & 0xff);
function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [n, value] of values.entries()) bytes.writeUInt32BE(value, n * 4);
  return bytes;
}
function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const bytes = parts.reduce((sum, part) => sum + part.length, 8);
  return Buffer.concat([u32(bytes), Buffer.from(type, 'latin1'), ...parts]);
}

/** A box with version and flags. */
const full = (type: string, version: number, flags: number, ...parts: Buffer[]): Buffer =>
  box(type, u32(version * 2 ** 24 + flags), ...parts);

const zeros = (bytes: number): Buffer => Buffer.alloc(bytes);
/** Of movie and track: 16.16 and 2.30 fixed point, no turn. */
const matrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const setsOf = (sets: readonly Buffer[], type: number) =>
  sets.filter((set) => typeOf(set) === type);

/** Of one picture: what is longer is a gap, and the next fragment tells its own time. */
const longestTicks = 60 * timescale;
/** Name of the track. */
const handler: { readonly [S in StreamName]: string } = { main: 'gate main', sub: 'gate sub' };
/** From 1904, where MP4's time begins, to 1970; seconds. */
const epochS = 2_082_844_800;

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
): Buffer | null {
  const [sps] = setsOf(sets, nal.sps);
  if (!sps || sps.length < 4) return null;
  const { width, height } = sizeOf(sps) ?? { width: 0, height: 0 };
  const atS = Math.floor(wallMs / 1000) + epochS;
  const times = Buffer.concat([u64(atS), u64(atS)]);
  const mvhd = full(
    ...(['mvhd', 1, 0, times, u32(timescale), u64(0), u32(0x10000), u16(0x100)] as const),
    ...[zeros(10), matrix, zeros(24), u32(2)],
  );
  const tkhd = full(
    ...(['tkhd', 1, 3, times, u32(1, 0), u64(0), zeros(16), matrix] as const),
    u32(width * 65_536, height * 65_536),
  );
  const mdhd = full('mdhd', 1, 0, times, u32(timescale), u64(0), u16(0x55c4), u16(0));
  const hdlr = full(
    'hdlr',
    0,
    0,
    u32(0),
    Buffer.from('vide'),
    zeros(12),
    Buffer.from(`${handler[stream]}\0`),
  );
  const dinf = box('dinf', full('dref', 0, 0, u32(1), full('url ', 0, 1)));
  const empty = (type: string, count: number) => full(type, 0, 0, zeros(4 * count));
  const stbl = box(
    'stbl',
    full('stsd', 0, 0, u32(1), avc1(sets, sps, width, height)),
    ...[empty('stts', 1), empty('stsc', 1), empty('stsz', 2), empty('stco', 1)],
  );
  const minf = box('minf', full('vmhd', 0, 1, zeros(8)), dinf, stbl);
  const trak = box('trak', tkhd, box('mdia', mdhd, hdlr, minf));
  const mvex = box('mvex', full('trex', 0, 0, u32(1, 1, 0, 0, 0)));
  const ftyp = box('ftyp', Buffer.from('iso6'), u32(1), Buffer.from('iso6avc1mp41'));
  return Buffer.concat([ftyp, box('moov', mvhd, trak, mvex)]);
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

const flags = {
  /** tfhd: offsets from the moof; flags of the samples. */
  tfhd: 0x02_00_20,
  /** trun: offset, flags of the first sample, durations, sizes. */
  trun: 0x03_05,
  key: 0x02_00_00_00,
  /** Depends on others, is no place to begin. */
  other: 0x01_01_00_00,
} as const;

/**
 * One group as a fragment: its bytes in their order, the pictures' own among them, uncopied.
 * @param number Rises from 1.
 * @param startTicks Of the file's first picture: it is time 0.
 */
export function fragmentOf(group: PictureGroup, number: number, startTicks: number): Buffer[] {
  const { samples, endTicks, bytes } = group;
  const [first] = samples;
  if (!first) throw new Error('a group without a picture');
  const table = samples.flatMap(({ ticks, data }, n) => [
    Math.min(longestTicks, Math.max(1, (samples[n + 1]?.ticks ?? endTicks) - ticks)),
    data.length,
  ]);
  const mfhd = full('mfhd', 0, 0, u32(number));
  const tfhd = full('tfhd', 0, flags.tfhd, u32(1, flags.other));
  const tfdt = full('tfdt', 1, 0, u64(first.ticks - startTicks));
  const moofOf = (offset: number): Buffer => {
    const trun = full('trun', 0, flags.trun, u32(samples.length, offset, flags.key, ...table));
    return box('moof', mfhd, box('traf', tfhd, tfdt, trun));
  };
  const moof = moofOf(moofOf(0).length + 8);
  const mdat = Buffer.concat([u32(bytes + 8), Buffer.from('mdat')]);
  return [moof, mdat, ...samples.map(({ data }) => data)];
}

/** As `fragmentOf` lays a moof out: where its time is, and where its table. */
const moofAt = { tfdt: 64, count: 84, table: 96 } as const;
export const moofBytesLeast: number = moofAt.table;

/** Start and end of a fragment of ours, milliseconds of the file; null where it is none. */
export function timesOf(moof: Buffer): { readonly startMs: number; readonly endMs: number } | null {
  if (moof.length < moofBytesLeast) return null;
  const count = moof.readUInt32BE(moofAt.count);
  if (moof.length !== moofAt.table + 8 * count) return null;
  const start = Number(moof.readBigUInt64BE(moofAt.tfdt));
  let end = start;
  for (let n = 0; n < count; n++) end += moof.readUInt32BE(moofAt.table + 8 * n);
  return { startMs: (start * 1000) / timescale, endMs: (end * 1000) / timescale };
}

/** What a head that `headOf` has made says of its pictures; null where it is none. */
export function videoOf(head: Buffer): Video | null {
  const at = head.indexOf('avc1', head.indexOf('stsd'));
  if (at < 0 || at + 32 > head.length) return null;
  const [width, height] = [head.readUInt16BE(at + 28), head.readUInt16BE(at + 30)];
  const stream = head.includes(`${handler.sub}\0`) ? 'sub' : 'main';
  return { stream, codec: 'h264', width, height };
}

/** Unix time that `headOf` was given, to the second, from the moov of a file of ours. */
export const wallMsOf = (moov: Buffer): number =>
  (Number(moov.readBigUInt64BE(20)) - epochS) * 1000;
