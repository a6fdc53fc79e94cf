// A disk with a volatile write cache, for honest power cuts. A write stays in memory until a flush puts
// it into the image. At the cut `all` loses every sector not yet flushed; `random` gives each, with an
// even chance, nothing or any one of its versions since the last flush, in no order.

import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';

export interface LossyOptions {
  readonly image: string;
  readonly lose: 'all' | 'random';
  /** What is never torn. */
  readonly sectorBytes: 512 | 4096;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface CutFigures {
  readonly writes: number;
  readonly flushes: number;
  /** Sectors in the cache at the cut, and those of them that got nothing. */
  readonly unflushed: number;
  readonly lost: number;
}

export class LossyDisk {
  readonly bytes: number;
  readonly #options: LossyOptions;
  readonly #fd: number;
  /** Versions of a sector since the last flush, oldest first. */
  readonly #cache = new Map<number, Buffer[]>();
  #writes = 0;
  #flushes = 0;

  constructor(options: LossyOptions) {
    this.#options = options;
    this.#fd = openSync(options.image, 'r+');
    this.bytes = fstatSync(this.#fd).size;
  }

  read(offset: number, length: number): Buffer {
    const out = Buffer.alloc(length);
    readSync(this.#fd, out, 0, length, offset);
    const { sectorBytes } = this.#options;
    for (let n = Math.floor(offset / sectorBytes); n * sectorBytes < offset + length; n++) {
      const newest = this.#cache.get(n)?.at(-1);
      const from = Math.max(0, offset - n * sectorBytes);
      newest?.copy(out, n * sectorBytes + from - offset, from);
    }
    return out;
  }

  write(offset: number, data: Buffer): void {
    this.#writes++;
    const { sectorBytes } = this.#options;
    for (let done = 0; done < data.length; ) {
      const n = Math.floor((offset + done) / sectorBytes);
      const versions = this.#cache.get(n) ?? [];
      const next = Buffer.from(versions.at(-1) ?? this.#stored(n));
      done += data.copy(next, (offset + done) % sectorBytes, done);
      versions.push(next);
      this.#cache.set(n, versions);
    }
  }

  flush(): void {
    this.#flushes++;
    for (const [n, versions] of this.#cache) this.#store(n, versions.at(-1));
    this.#cache.clear();
  }

  /** The power goes. Whoever serves this disk must fail every request from now on. */
  cut(): CutFigures {
    const { lose, random } = this.#options;
    const unflushed = this.#cache.size;
    let lost = 0;
    for (const [n, versions] of this.#cache) {
      if (lose === 'all' || random() < 0.5) lost++;
      else this.#store(n, versions[Math.floor(random() * versions.length)]);
    }
    closeSync(this.#fd);
    return { writes: this.#writes, flushes: this.#flushes, unflushed, lost };
  }

  #stored(n: number): Buffer {
    const sector = Buffer.alloc(this.#options.sectorBytes);
    readSync(this.#fd, sector, 0, sector.length, n * sector.length);
    return sector;
  }

  #store(n: number, sector: Buffer | undefined): void {
    const at = n * this.#options.sectorBytes;
    if (sector) writeSync(this.#fd, sector, 0, Math.min(sector.length, this.bytes - at), at);
  }
}
