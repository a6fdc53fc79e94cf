// Opens a ZIP that may be anything. Only the plain kind that we write is read: files with plain names, each
// once, nothing compressed, encrypted, linked or overlapping: nothing in it can be larger than the ZIP.

import type { Readable } from 'node:stream';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { fileName, filesMax } from '../manifest.ts';

/** It is no bundle, and why; nothing of it was believed. */
export class NoBundleFile extends Error {}

export interface ZippedFile {
  readonly name: string;
  readonly bytes: number;
  /** Throws where the ZIP does not give it. */
  read(): AsyncIterable<Buffer>;
}

export interface Zip {
  readonly files: ReadonlyMap<string, ZippedFile>;
  close(): void;
}

/** Throws a `NoBundleFile`, or what the disk throws. */
export async function openZip(path: string): Promise<Zip> {
  const options = { lazyEntries: true, autoClose: false, strictFileNames: true };
  const zip = await openPromise(path, options).catch((error: unknown) => refuse(error));
  try {
    return { files: await filesIn(zip), close: () => zip.close() };
  } catch (error) {
    zip.close();
    return refuse(error);
  }
}

function refuse(error: unknown): never {
  if (!(error instanceof Error) || 'syscall' in error || error instanceof NoBundleFile) throw error;
  throw new NoBundleFile(`it cannot be read as a ZIP: ${error.message}`, { cause: error });
}

async function filesIn(zip: ZipFile): Promise<Map<string, ZippedFile>> {
  const { entryCount } = zip;
  // Manifest and signature are not in the list that they make.
  if (entryCount > filesMax + 2)
    throw new NoBundleFile(`it says that it holds ${entryCount} files`);
  const files = new Map<string, ZippedFile>();
  const spans: { readonly name: string; readonly from: number; readonly to: number }[] = [];
  for await (const entry of zip.eachEntry()) {
    const { fileName: name, uncompressedSize: bytes } = entry;
    const problem = problemOf(entry) ?? (files.has(name) ? 'is there twice' : null);
    if (problem) throw new NoBundleFile(`${quoted(name)} ${problem}`);
    const header = await zip.readLocalFileHeaderPromise(entry, {});
    if (!header.fileName.equals(entry.fileNameRaw))
      throw new NoBundleFile(`${quoted(name)} has another name where its bytes are`);
    spans.push({ name, from: header.fileDataStart, to: header.fileDataStart + bytes });
    files.set(name, { name, bytes, read: () => piecesOf(zip, entry) });
  }
  spans.sort((a, b) => a.from - b.from);
  for (const [n, { name, from, to }] of spans.entries()) {
    if (to > zip.fileSize)
      throw new NoBundleFile(`${quoted(name)} goes on behind the end of the ZIP`);
    const before = spans[n - 1];
    if (before && before.to > from)
      throw new NoBundleFile(`${quoted(name)} and ${quoted(before.name)} share their bytes`);
  }
  return files;
}

/** Of a name that may be anything. */
export const quoted = (name: string): string =>
  JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}..` : name).replace(
    /[\p{Cc}\p{Cf}]/gu,
    '?',
  );

const kindBits = 0o170000;
const regular = 0o100000;

function problemOf(entry: Entry): string | null {
  if (!fileName.safeParse(entry.fileName).success) return 'is no name of a file in a bundle';
  if (entry.isEncrypted()) return 'is encrypted';
  if (entry.compressionMethod !== 0 || entry.compressedSize !== entry.uncompressedSize)
    return 'is compressed, and nothing in a bundle is';
  const kind = (entry.externalFileAttributes >>> 16) & kindBits;
  return kind === 0 || kind === regular ? null : 'is no regular file';
}

async function* piecesOf(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  const stream: Readable = await zip.openReadStreamPromise(entry);
  for await (const piece of stream) yield piece;
}
