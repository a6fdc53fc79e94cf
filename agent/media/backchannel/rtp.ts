// RTP (RFC 3550) as G.711 needs it: packets of 20 ms.

import { randomInt } from 'node:crypto';

const headBytes = 12;

/** Numbers the packets of one stream. */
export class Packer {
  readonly #type: number;
  readonly #source = randomInt(2 ** 32);
  #sequence = randomInt(2 ** 16);
  #timestamp = randomInt(2 ** 32);
  #isFirst = true;

  constructor(type: number) {
    this.#type = type;
  }

  /** One byte is one sample. */
  pack(payload: Buffer): Buffer {
    const packet = Buffer.alloc(headBytes + payload.length);
    packet[0] = 0x80;
    packet[1] = this.#type | (this.#isFirst ? 0x80 : 0);
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(this.#timestamp, 4);
    packet.writeUInt32BE(this.#source, 8);
    payload.copy(packet, headBytes);
    this.#isFirst = false;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + payload.length) >>> 0;
    return packet;
  }
}
