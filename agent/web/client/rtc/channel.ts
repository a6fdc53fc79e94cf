// What goes over the data channel `gate` of a call: levels both ways, and the picture where no other way
// is left. Text is JSON; binary is a part of a JPEG behind a head of 8 bytes, big-endian: number of the
// picture (u32), index of the part (u16), how many parts (u16). Parts and pictures come in order.

import * as z from 'zod';

const said = z.union([
  z.object({ levels: z.object({ room: z.number(), caller: z.number() }) }),
  z.object({ picture: z.object({ fault: z.string().nullable() }) }),
]);

/** dBFS; -100 is digital silence. */
export interface Levels {
  readonly room: number;
  readonly caller: number;
}

export interface ChannelEars {
  readonly levels: (levels: Levels) => void;
  readonly picture: (jpeg: Blob) => void;
  /** Why no picture comes; null: it comes again. */
  readonly pictureFault: (fault: string | null) => void;
}

const headBytes = 8;
const partsMax = 512;

/** Reads one call's channel: one for each channel. */
export class ChannelReader {
  readonly #ears: ChannelEars;
  #picture = -1;
  #parts: ArrayBuffer[] = [];

  constructor(ears: ChannelEars) {
    this.#ears = ears;
  }

  take(data: unknown): void {
    if (data instanceof ArrayBuffer) this.#part(data);
    else if (typeof data === 'string') this.#text(data);
  }

  #text(text: string): void {
    const { data } = said.safeParse(JSON.parse(text));
    // What a newer terminal says is not for us.
    if (!data) return;
    if ('levels' in data) this.#ears.levels(data.levels);
    else this.#ears.pictureFault(data.picture.fault);
  }

  #part(bytes: ArrayBuffer): void {
    if (bytes.byteLength < headBytes) return;
    const head = new DataView(bytes, 0, headBytes);
    const [picture, index, count] = [head.getUint32(0), head.getUint16(4), head.getUint16(6)];
    if (picture !== this.#picture) this.#parts = [];
    this.#picture = picture;
    if (index !== this.#parts.length || count > partsMax) return;
    this.#parts.push(bytes.slice(headBytes));
    if (this.#parts.length < count) return;
    this.#ears.picture(new Blob(this.#parts, { type: 'image/jpeg' }));
    this.#parts = [];
  }
}
