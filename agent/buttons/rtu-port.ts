// What modbus-serial wants for a port, over our own serial link: requests out, whole answers in.
// An answer is found by unit, function and length, so that the echo of a two-wire adapter and the
// noise before it are passed over; its CRC is the library's to judge. The answer to a write is the request
// once more: whether the line has an echo is learned from reads, where the two differ.

import { EventEmitter } from 'node:events';
import type { SerialLink } from './link.ts';

/** The longest frame of Modbus RTU, bytes (Modbus over serial line, V1.02, 2.5.1). */
const frameMax = 256;
const exceptionBytes = 5;

export class RtuPort extends EventEmitter {
  readonly #link: SerialLink;
  #request: Buffer = Buffer.alloc(0);
  #heard: Buffer = Buffer.alloc(0);
  #hasEcho = false;

  constructor(link: SerialLink) {
    super();
    this.#link = link;
  }

  get isOpen(): boolean {
    return this.#link.isUp;
  }

  open(done: () => void): void {
    done();
  }

  close(done: () => void): void {
    done();
  }

  write(request: Buffer): void {
    if (!isWrite(this.#request)) this.#hasEcho ||= this.#startsWithEcho();
    this.#request = request;
    this.#heard = Buffer.alloc(0);
    this.#link.write(request);
  }

  feed(chunk: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, chunk]).subarray(-frameMax);
    const from = isWrite(this.#request) && this.#hasEcho ? this.#request.length : 0;
    for (let at = from; at + exceptionBytes <= this.#heard.length; at++) {
      const bytes = this.#answerBytes(at);
      if (bytes === 0 || at + bytes > this.#heard.length) continue;
      if (!isWrite(this.#request)) this.#hasEcho = at > 0 && this.#startsWithEcho();
      const answer = Buffer.from(this.#heard.subarray(at, at + bytes));
      this.#heard = this.#heard.subarray(at + bytes);
      this.emit('data', answer);
      return;
    }
  }

  #startsWithEcho(): boolean {
    const bytes = this.#request.length;
    return bytes > 0 && this.#heard.subarray(0, bytes).equals(this.#request);
  }

  /** Length of the answer that begins at `at`; 0: none begins there. */
  #answerBytes(at: number): number {
    const [unit, func = 0] = this.#request;
    if (this.#heard[at] !== unit) return 0;
    if (this.#heard[at + 1] === (func | 0x80)) return exceptionBytes;
    if (this.#heard[at + 1] !== func) return 0;
    if (isWrite(this.#request))
      return this.#heard.readUInt16BE(at + 2) === this.#request.readUInt16BE(2) ? 8 : 0;
    const dataBytes = Math.ceil(this.#request.readUInt16BE(4) / 8);
    return this.#heard[at + 2] === dataBytes ? exceptionBytes + dataBytes : 0;
  }
}

const isWrite = ([, func]: Uint8Array): boolean => func === 5 || func === 15;
