// Where in a file what is: of a sealed one its records, of a plain one (as versions before had them) itself.
// Asks for bytes and reads none: whoever has the file, in a thread that waits or in one that may not, gives
// them (kept-file.ts, kept-file-sync.ts).

import {
  fileKeyOf,
  headBytes,
  isSealed,
  lengthOf,
  type Master,
  openRecord,
  recordOverhead,
  SealBroken,
} from './format.ts';

export interface Range {
  readonly at: number;
  readonly bytes: number;
}

/** Gives ranges that it wants, gets their bytes: fewer where the file ends. */
export type Reading<T> = Generator<Range, T, Buffer>;

interface RecordAt {
  /** On the disk. */
  readonly at: number;
  /** Of what is inside. */
  readonly from: number;
  readonly bytes: number;
}

/** Records are small or large; so much is looked at at once for where the next begins. */
const windowBytes = 16 * 1024;

export class Layout {
  /** Of what is inside. */
  readonly bytes: number;
  readonly #key: Buffer | null;
  readonly #records: readonly RecordAt[];

  private constructor(bytes: number, key: Buffer | null, records: readonly RecordAt[]) {
    this.bytes = bytes;
    this.#key = key;
    this.#records = records;
  }

  /**
   * Throws a `SealBroken` where it cannot be opened.
   * @param size of the file on the disk.
   * @param whole each record is opened, too, and what follows the first that is broken is left out: for a
   * file whose writer has died.
   */
  static *of(size: number, master: Master | null, whole = false): Reading<Layout> {
    const head = yield { at: 0, bytes: headBytes };
    if (!isSealed(head)) return new Layout(size, null, []);
    const key = fileKeyOf(head, master);
    const records: RecordAt[] = [];
    let window: Buffer = Buffer.alloc(0);
    let windowAt = 0;
    let from = 0;
    for (let at = headBytes; at < size; ) {
      if (at < windowAt || at + 4 > windowAt + window.length) {
        window = yield { at, bytes: windowBytes };
        windowAt = at;
      }
      const bytes = lengthOf(window.subarray(at - windowAt));
      if (bytes === null || at + bytes + recordOverhead > size) break;
      const record = { at, from, bytes };
      if (whole && (yield* isBroken(key, records.length, record))) break;
      records.push(record);
      at += bytes + recordOverhead;
      from += bytes;
    }
    return new Layout(from, key, records);
  }

  /** Some of what is inside, fewer bytes at its end. Throws a `SealBroken` that names the record. */
  *read(from: number, bytes: number): Reading<Buffer> {
    const until = Math.min(this.bytes, from + bytes);
    if (from >= until) return Buffer.alloc(0);
    if (!this.#key) return yield { at: from, bytes: until - from };
    const parts: Buffer[] = [];
    for (let n = this.#at(from); n < this.#records.length; n++) {
      const record = this.#records[n];
      if (!record || record.from >= until) break;
      const plain = yield* openAt(this.#key, n, record);
      const first = Math.max(0, from - record.from);
      parts.push(plain.subarray(first, until - record.from));
    }
    return Buffer.concat(parts);
  }

  /** Length on the disk of a file that ends there inside; it is where a record ends. */
  cutAt(bytes: number): number {
    if (!this.#key) return bytes;
    const last = this.#records.findLast(({ from }) => from < bytes);
    return last ? last.at + last.bytes + recordOverhead : headBytes;
  }

  /** Number of the record that holds this byte. */
  #at(byte: number): number {
    let [low, high] = [0, this.#records.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#records[middle]?.from ?? 0) <= byte) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function* openAt(key: Buffer, n: number, { at, bytes }: RecordAt): Reading<Buffer> {
  const record = yield { at, bytes: bytes + recordOverhead };
  if (record.length < bytes + recordOverhead) throw new SealBroken(`record ${n + 1} is torn off`);
  return openRecord(key, n, record);
}

function* isBroken(key: Buffer, n: number, record: RecordAt): Reading<boolean> {
  try {
    yield* openAt(key, n, record);
    return false;
  } catch (error) {
    if (error instanceof SealBroken) return true;
    throw error;
  }
}
