// Fragmented MP4 (ISO/IEC 14496-12) of pictures, of sound, of both: a head, then fragments. Nothing is ever
// written twice, so a file whose end is torn off plays up to there.

/** What the head tells of a track; tracks are numbered from 1, and the first one tells the file's time. */
export interface Track {
  readonly handler: 'vide' | 'soun';
  /** For a person who looks into the file. */
  readonly name: string;
  /** Ticks of a second. */
  readonly timescale: number;
  /** How its samples are coded (`stsd`). */
  readonly entry: Buffer;
  /** Pixels; of sound 0. */
  readonly width: number;
  readonly height: number;
}

/** What a fragment has of a track. */
export interface Run {
  readonly track: number;
  /** Ticks, from the file's beginning. */
  readonly start: number;
  readonly samples: readonly { readonly duration: number; readonly data: Buffer }[];
  /** Only the first can be decoded by itself. */
  readonly isGroup: boolean;
}

export const u8 = (...values: number[]): Buffer => Buffer.from(values);
export const u16 = (value: number): Buffer => u8(value >> 8, value & 0xff);
export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [n, value] of values.entries()) bytes.writeUInt32BE(value, n * 4);
  return bytes;
}
function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
export const zeros = (bytes: number): Buffer => Buffer.alloc(bytes);

export function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const bytes = parts.reduce((sum, part) => sum + part.length, 8);
  return Buffer.concat([u32(bytes), Buffer.from(type, 'latin1'), ...parts]);
}

/** A box with version and flags. */
const full = (type: string, version: number, flags: number, ...parts: Buffer[]): Buffer =>
  box(type, u32(version * 2 ** 24 + flags), ...parts);

/** Of movie and track: 16.16 and 2.30 fixed point, no turn. */
const matrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
/** From 1904, where MP4's time begins, to 1970; seconds. */
const epochS = 2_082_844_800;

/** What a file of these tracks begins with. `wallMs`: Unix time of its beginning. */
export function movieOf(tracks: readonly Track[], wallMs: number): Buffer {
  const atS = Math.floor(wallMs / 1000) + epochS;
  const times = Buffer.concat([u64(atS), u64(atS)]);
  const timescale = tracks[0]?.timescale ?? 0;
  const mvhd = full(
    ...(['mvhd', 1, 0, times, u32(timescale), u64(0), u32(0x10000), u16(0x100)] as const),
    ...[zeros(10), matrix, zeros(24), u32(tracks.length + 1)],
  );
  const traks = tracks.map((track, n) => trakOf(track, n + 1, times));
  const trexs = tracks.map((_, n) => full('trex', 0, 0, u32(n + 1, 1, 0, 0, 0)));
  const ftyp = box('ftyp', Buffer.from('iso6'), u32(1), Buffer.from('iso6avc1mp41'));
  return Buffer.concat([ftyp, box('moov', mvhd, ...traks, box('mvex', ...trexs))]);
}

function trakOf(track: Track, number: number, times: Buffer): Buffer {
  const { handler, name, timescale, entry, width, height } = track;
  const isSound = handler === 'soun';
  const tkhd = full(
    ...(['tkhd', 1, 3, times, u32(number, 0), u64(0), zeros(12)] as const),
    ...[u16(isSound ? 0x100 : 0), zeros(2), matrix, u32(width * 65_536, height * 65_536)],
  );
  const mdhd = full('mdhd', 1, 0, times, u32(timescale), u64(0), u16(0x55c4), u16(0));
  const what = [Buffer.from(handler), zeros(12), Buffer.from(`${name}\0`)];
  const hdlr = full('hdlr', 0, 0, u32(0), ...what);
  const media = isSound ? full('smhd', 0, 0, zeros(4)) : full('vmhd', 0, 1, zeros(8));
  const dinf = box('dinf', full('dref', 0, 0, u32(1), full('url ', 0, 1)));
  const empty = (type: string, count: number) => full(type, 0, 0, zeros(4 * count));
  const stsd = full('stsd', 0, 0, u32(1), entry);
  const tables = [empty('stts', 1), empty('stsc', 1), empty('stsz', 2), empty('stco', 1)];
  const minf = box('minf', media, dinf, box('stbl', stsd, ...tables));
  return box('trak', tkhd, box('mdia', mdhd, hdlr, minf));
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
 * A fragment: its bytes in their order, those of the samples uncopied. The first run has a sample.
 * @param number Rises from 1.
 */
export function fragmentWith(runs: readonly Run[], number: number): Buffer[] {
  const filled = runs.filter(({ samples }) => samples.length > 0);
  const mfhd = full('mfhd', 0, 0, u32(number));
  const moofOf = (from: number): Buffer => {
    let at = from;
    const trafs = filled.map((run) => {
      const traf = trafOf(run, at);
      at += bytesOf(run);
      return traf;
    });
    return box('moof', mfhd, ...trafs);
  };
  const moof = moofOf(moofOf(0).length + 8);
  const bytes = filled.reduce((sum, run) => sum + bytesOf(run), 8);
  const data = filled.flatMap(({ samples }) => samples.map((sample) => sample.data));
  return [moof, Buffer.concat([u32(bytes), Buffer.from('mdat')]), ...data];
}

const bytesOf = ({ samples }: Run): number =>
  samples.reduce((sum, { data }) => sum + data.length, 0);

function trafOf({ track, start, samples, isGroup }: Run, offset: number): Buffer {
  const table = samples.flatMap(({ duration, data }) => [duration, data.length]);
  const tfhd = full('tfhd', 0, flags.tfhd, u32(track, isGroup ? flags.other : flags.key));
  const tfdt = full('tfdt', 1, 0, u64(start));
  const trun = full('trun', 0, flags.trun, u32(samples.length, offset, flags.key, ...table));
  return box('traf', tfhd, tfdt, trun);
}

/** As a moof is laid out above: where the time of its first run is, that run, and its table. */
const moofAt = { tfdt: 64, trun: 72, count: 84, table: 96 } as const;

/** Start and end of a fragment of ours by its first run, milliseconds of the file; null where it is none. */
export function timesOf(
  moof: Buffer,
  timescale: number,
): { readonly startMs: number; readonly endMs: number } | null {
  if (moof.length < moofAt.table) return null;
  const count = moof.readUInt32BE(moofAt.count);
  const end = moofAt.table + 8 * count;
  if (moof.length < end || moof.readUInt32BE(moofAt.trun) !== end - moofAt.trun) return null;
  const start = Number(moof.readBigUInt64BE(moofAt.tfdt));
  let length = 0;
  for (let at: number = moofAt.table; at < end; at += 8) length += moof.readUInt32BE(at);
  return { startMs: (start * 1000) / timescale, endMs: ((start + length) * 1000) / timescale };
}

/** As the beginning of a moov is laid out above. */
const moovAt = { created: 20, timescale: 36, end: 40 } as const;

/** What the moov of a file of ours tells: Unix time of its beginning, to the second, and its first track's
 * timescale. Null where it is none. */
export function movieTimes(
  moov: Buffer,
): { readonly wallMs: number; readonly timescale: number } | null {
  if (moov.length < moovAt.end) return null;
  const createdS = Number(moov.readBigUInt64BE(moovAt.created));
  const timescale = moov.readUInt32BE(moovAt.timescale);
  return timescale > 0 ? { wallMs: (createdS - epochS) * 1000, timescale } : null;
}
