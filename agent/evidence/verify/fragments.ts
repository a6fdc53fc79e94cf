// The fragments of a film as its bytes go by: each from its moof to the end of its mdat, hashed as the
// recorder hashed it. What is no such film has none.

import { createHash, type Hash } from 'node:crypto';

export interface SeenFragment {
  readonly sha256: string;
  readonly bytes: number;
}

const headBytes = 8;

export class Fragments {
  readonly found: SeenFragment[] = [];
  readonly #head = Buffer.alloc(headBytes);
  #headHas = 0;
  /** Of the box that goes by. */
  #left = 0;
  #type = '';
  #hash: Hash | null = null;
  #bytes = 0;
  /** What cannot be a box: nothing behind it is looked at. */
  #isOver = false;

  push(piece: Buffer): void {
    for (let at = 0; at < piece.length && !this.#isOver; ) {
      const part = this.#left > 0 ? this.#body(piece, at) : this.#headOf(piece, at);
      this.#hash?.update(part);
      this.#bytes += this.#hash ? part.length : 0;
      at += part.length;
      if (this.#left === 0 && this.#type === 'mdat' && this.#headHas === 0) this.#end();
    }
  }

  #body(piece: Buffer, at: number): Buffer {
    const part = piece.subarray(at, at + this.#left);
    this.#left -= part.length;
    return part;
  }

  /** As much of a box's head as is there; with the last of it the box is known. */
  #headOf(piece: Buffer, at: number): Buffer {
    const part = piece.subarray(at, at + headBytes - this.#headHas);
    part.copy(this.#head, this.#headHas);
    this.#headHas += part.length;
    if (this.#headHas < headBytes) return part;
    const bytes = this.#head.readUInt32BE(0);
    this.#type = this.#head.toString('latin1', 4);
    this.#headHas = 0;
    this.#left = bytes - headBytes;
    if (bytes < headBytes) this.#isOver = true;
    if (this.#type === 'moof') this.#begin(part.length);
    return part;
  }

  /** A head that came in two pieces was not hashed with the first: it is now, and not again. */
  #begin(lastPart: number): void {
    this.#hash = createHash('sha256').update(this.#head.subarray(0, headBytes - lastPart));
    this.#bytes = headBytes - lastPart;
  }

  #end(): void {
    if (this.#hash) this.found.push({ sha256: this.#hash.digest('hex'), bytes: this.#bytes });
    this.#hash = null;
    this.#type = '';
  }
}
