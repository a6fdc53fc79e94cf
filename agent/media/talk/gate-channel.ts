// The `gate` data channel that the caller opens: levels to him, pictures where he asks for them.
// To us: {"picture":true|false}. To him: {"levels":{"room":dB,"caller":dB}} every 200 ms,
// {"picture":{"fault":text|null}}, and pictures in binary parts: u32 number of the picture, u16 index of
// the part, u16 number of parts (big-endian), then up to 16,376 bytes of its JPEG.

import * as z from 'zod';
import type { DataChannel } from './wrtc.ts';

export const partBytesMax = 16_384;
const headBytes = 8;
/** Two parts wait in the library; more would lie on a slow line before the levels and beside the voice. */
const waitingBytesMax = 2 * partBytesMax;
const asked = z.object({ picture: z.boolean() });

export class GateChannel {
  #channel: DataChannel | null = null;
  #wantsPicture = false;
  #parts: Uint8Array[] = [];
  #number = 0;
  #fault: string | null = null;

  get wantsPicture(): boolean {
    return this.#wantsPicture;
  }

  /** All of the picture before is on its way. */
  get isFree(): boolean {
    return this.#parts.length === 0;
  }

  /** Takes the caller's channel; others than `gate`, and a second one, are not ours. */
  take(channel: DataChannel, gone: () => void): void {
    if (channel.label !== 'gate' || this.#channel) return;
    this.#channel = channel;
    channel.onmessage = ({ data }) => this.#read(data);
    channel.onclose = () => {
      this.close();
      gone();
    };
  }

  levels(room: number, caller: number): void {
    this.#tell({ levels: { room, caller } });
  }

  /** Why no picture comes; null: it comes again. */
  pictureFault(fault: string | null): void {
    if (fault === this.#fault || !this.#wantsPicture) return;
    this.#fault = fault;
    this.#tell({ picture: { fault } });
  }

  /** Takes a picture; `pump` sends it, as the line allows. */
  picture(jpeg: Uint8Array): void {
    const size = partBytesMax - headBytes;
    const count = Math.ceil(jpeg.length / size);
    this.#number += 1;
    this.#parts = Array.from({ length: count }, (_, index) => {
      const part = Buffer.alloc(headBytes + Math.min(size, jpeg.length - index * size));
      part.writeUInt32BE(this.#number, 0);
      part.writeUInt16BE(index, 4);
      part.writeUInt16BE(count, 6);
      part.set(jpeg.subarray(index * size, (index + 1) * size), headBytes);
      return part;
    });
  }

  pump(): void {
    const channel = this.#channel;
    while (channel?.readyState === 'open' && channel.bufferedAmount < waitingBytesMax) {
      const part = this.#parts.shift();
      if (!part) return;
      channel.send(part);
    }
  }

  close(): void {
    const channel = this.#channel;
    if (channel) {
      channel.onmessage = null;
      channel.onclose = null;
    }
    this.#channel = null;
    this.#wantsPicture = false;
    this.#parts = [];
  }

  #read(data: unknown): void {
    const read = asked.safeParse(parsed(data));
    if (!read.success) return;
    this.#wantsPicture = read.data.picture;
    this.#fault = null;
    if (!this.#wantsPicture) this.#parts = [];
  }

  #tell(message: unknown): void {
    if (this.#channel?.readyState === 'open') this.#channel.send(JSON.stringify(message));
  }
}

/** What a caller may send is anything; what is no JSON is no question. */
function parsed(data: unknown): unknown {
  if (typeof data !== 'string' || data.length > 200) return null;
  try {
    return JSON.parse(data);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}
