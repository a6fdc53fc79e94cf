// A file whose writer has died: its torn tail is cut off at the last whole fragment, and what is left of it
// is measured anew.

import { createHash } from 'node:crypto';
import type { EvidenceFile } from '../../core/evidence.ts';
import type { Master } from '../../sealed/format.ts';
import { KeptFile } from '../../sealed/kept-file.ts';
import { movieTimes, timesOf } from './boxes.ts';
import { videoOf } from './mp4.ts';

export type Mended = Pick<
  EvidenceFile,
  'bytes' | 'sha256' | 'wallMs' | 'lengthMs' | 'missingMs' | 'fragments' | 'video'
>;

/** Of a moof or moov; ours have some kilobytes. */
const boxBytesMax = 1024 * 1024;
const pieceBytes = 1024 * 1024;

/** Cuts the file; null where not one fragment of it is whole. Throws what the disk throws, and a `SealBroken`
 * where it cannot be opened. */
export async function mend(path: string, master: Master | null = null): Promise<Mended | null> {
  const file = await KeptFile.openTorn(path, master);
  try {
    const whole = await look(file);
    if (!whole) return null;
    await file.cut(whole.bytes);
    return { ...whole, sha256: await hashOf(file, whole.bytes) };
  } finally {
    await file.close();
  }
}

interface Box {
  readonly type: string;
  readonly from: number;
  readonly bytes: number;
}

async function look(file: KeptFile): Promise<Omit<Mended, 'sha256'> | null> {
  const ftyp = await boxAt(file, 0, 'ftyp');
  const moov = await boxAt(file, ftyp?.bytes ?? 0, 'moov');
  const head = moov && (await bytesOf(file, moov));
  const movie = head && movieTimes(head);
  if (!movie) return null;
  let [end, lengthMs, missingMs, fragments] = [moov.from + moov.bytes, 0, 0, 0];
  for (;;) {
    const moof = await boxAt(file, end, 'moof');
    const mdat = moof && (await boxAt(file, end + moof.bytes, 'mdat'));
    const times = mdat && timesOf(await bytesOf(file, moof), movie.timescale);
    if (!mdat || !times) break;
    missingMs += Math.max(0, times.startMs - lengthMs);
    lengthMs = times.endMs;
    fragments++;
    end = mdat.from + mdat.bytes;
  }
  if (fragments === 0) return null;
  const rounded = { lengthMs: Math.round(lengthMs), missingMs: Math.round(missingMs) };
  const { wallMs } = movie;
  return { bytes: end, wallMs, video: videoOf(head), ...rounded, fragments };
}

/** The box that begins there; null where it is another or not whole. */
async function boxAt(file: KeptFile, from: number, wanted: string): Promise<Box | null> {
  const head = await file.read(from, 8);
  if (head.length < 8) return null;
  const [bytes, type] = [head.readUInt32BE(0), head.toString('latin1', 4)];
  return type === wanted && bytes >= 8 && from + bytes <= file.size ? { type, from, bytes } : null;
}

const bytesOf = (file: KeptFile, { from, bytes }: Box): Promise<Buffer> =>
  file.read(from, Math.min(bytes, boxBytesMax));

async function hashOf(file: KeptFile, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes; ) {
    const piece = await file.read(at, Math.min(pieceBytes, bytes - at));
    if (piece.length === 0) throw new Error('the file has become shorter');
    hash.update(piece);
    at += piece.length;
  }
  return hash.digest('hex');
}
