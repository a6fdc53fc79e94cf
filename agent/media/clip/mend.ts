// A file whose writer has died: its torn tail is cut off at the last whole fragment, and what is left of it
// is measured anew.

import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { EvidenceFile } from '../../core/evidence.ts';
import { movieTimes, timesOf } from './boxes.ts';
import { videoOf } from './mp4.ts';

export type Mended = Pick<
  EvidenceFile,
  'bytes' | 'sha256' | 'wallMs' | 'lengthMs' | 'missingMs' | 'fragments' | 'video'
>;

/** Of a moof or moov; ours have some kilobytes. */
const boxBytesMax = 1024 * 1024;
const pieceBytes = 1024 * 1024;

/** Cuts the file; null where not one fragment of it is whole. Throws what the disk throws. */
export async function mend(path: string): Promise<Mended | null> {
  const handle = await open(path, 'r+');
  try {
    const whole = await look(handle);
    if (!whole) return null;
    await handle.truncate(whole.bytes);
    await handle.datasync();
    return { ...whole, sha256: await hashOf(handle, whole.bytes) };
  } finally {
    await handle.close();
  }
}

interface Box {
  readonly type: string;
  readonly from: number;
  readonly bytes: number;
}

async function look(handle: FileHandle): Promise<Omit<Mended, 'sha256'> | null> {
  const { size } = await handle.stat();
  const moov = await boxAt(
    handle,
    (await boxAt(handle, 0, size, 'ftyp'))?.bytes ?? 0,
    size,
    'moov',
  );
  const head = moov && (await bytesOf(handle, moov));
  const movie = head && movieTimes(head);
  if (!movie) return null;
  let [end, lengthMs, missingMs, fragments] = [moov.from + moov.bytes, 0, 0, 0];
  for (;;) {
    const moof = await boxAt(handle, end, size, 'moof');
    const mdat = moof && (await boxAt(handle, end + moof.bytes, size, 'mdat'));
    const times = mdat && timesOf(await bytesOf(handle, moof), movie.timescale);
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
async function boxAt(
  handle: FileHandle,
  from: number,
  size: number,
  wanted: string,
): Promise<Box | null> {
  const head = Buffer.alloc(8);
  const { bytesRead } = await handle.read(head, 0, 8, from);
  if (bytesRead < 8) return null;
  const [bytes, type] = [head.readUInt32BE(0), head.toString('latin1', 4)];
  return type === wanted && bytes >= 8 && from + bytes <= size ? { type, from, bytes } : null;
}

async function bytesOf(handle: FileHandle, { from, bytes }: Box): Promise<Buffer> {
  const all = Buffer.alloc(Math.min(bytes, boxBytesMax));
  await handle.read(all, 0, all.length, from);
  return all;
}

async function hashOf(handle: FileHandle, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(pieceBytes);
  for (let at = 0; at < bytes; ) {
    const { bytesRead } = await handle.read(piece, 0, Math.min(pieceBytes, bytes - at), at);
    if (bytesRead === 0) throw new Error('the file has become shorter');
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash.digest('hex');
}
