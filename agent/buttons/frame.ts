// Bytes to frames and back, as config/button-box.md writes them down: `$` payload `*` CRC `\r\n`.
// Pure: no port, no clock. Holds one frame at most, whatever arrives, and never throws on input.

import type { Contact } from '../core/fact.ts';

/** From `$` to the line end, both included. */
export const frameBytesMax = 256;
export const inputsMax = 16;
export const protocolVersion = 1;

export interface InputState {
  readonly contact: Contact;
  readonly presses: number;
}

/** What a box tells: everything it knows, in every frame. */
export interface BoxState {
  readonly session: string;
  readonly seq: number;
  readonly uptimeMs: number;
  /** Number of the output frame it shows; null before the first. */
  readonly applied: number | null;
  readonly inputs: ReadonlyMap<string, InputState>;
}

export interface Output {
  readonly seq: number;
  readonly lamp: string;
  readonly buzzer: string;
}

/** `crc`: damaged on the way. `length`: no end within a frame's length, or cut off by a new `$`.
 * Both say something about the line; a payload that is wrong says something about the box. */
export type Damage = 'crc' | 'length';

export interface FrameListener {
  frame(payload: string, bytes: number): void;
  damaged(why: Damage, bytes: number): void;
  /** Bytes between frames that belong to none. */
  noise(bytes: number): void;
}

const dollar = 0x24;
const star = 0x2a;
const cr = 0x0d;
const lf = 0x0a;
const tailBytes = 5;

/** CRC-16/CCITT-FALSE (poly 0x1021, init 0xFFFF, no reflection); 0x29B1 for `123456789`. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++)
      crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}

/** The bytes of a frame, line end included. */
export function encodeFrame(payload: string): Buffer {
  const crc = crc16(Buffer.from(payload, 'latin1')).toString(16).toUpperCase().padStart(4, '0');
  return Buffer.from(`$${payload}*${crc}\r\n`, 'latin1');
}

export const encodeOutput = ({ seq, lamp, buzzer }: Output): Buffer =>
  encodeFrame(`O,${protocolVersion},${seq},${lamp},${buzzer}`);

/** Finds frames in a stream cut anywhere; starts anew at each `$`. */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #buffer = Buffer.alloc(frameBytesMax);
  /** Bytes held, the `$` included; 0 between frames. */
  #held = 0;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  get held(): number {
    return this.#held;
  }

  feed(chunk: Uint8Array): void {
    let noise = 0;
    for (const byte of chunk) {
      if (byte === dollar) this.#begin();
      else if (this.#held > 0) this.#take(byte);
      else if (byte !== cr && byte !== lf) noise++;
    }
    if (noise > 0) this.#listener.noise(noise);
  }

  /** Forgets a half frame: the line was cut. */
  reset(): void {
    this.#held = 0;
  }

  #begin(): void {
    if (this.#held > 0) this.#drop('length');
    this.#buffer[0] = dollar;
    this.#held = 1;
  }

  #take(byte: number): void {
    this.#buffer[this.#held++] = byte;
    if (byte === lf) this.#end();
    else if (this.#held === frameBytesMax) this.#drop('length');
  }

  #end(): void {
    const bytes = this.#held;
    const end = this.#buffer[bytes - 2] === cr ? bytes - 2 : bytes - 1;
    const starAt = end - tailBytes;
    if (starAt < 1 || this.#buffer[starAt] !== star) return this.#drop('crc');
    const payload = this.#buffer.subarray(1, starAt);
    const claimed = this.#buffer.toString('latin1', starAt + 1, end);
    if (!/^[0-9A-F]{4}$/.test(claimed) || Number.parseInt(claimed, 16) !== crc16(payload))
      return this.#drop('crc');
    this.#held = 0;
    this.#listener.frame(payload.toString('latin1'), bytes);
  }

  #drop(why: Damage): void {
    const bytes = this.#held;
    this.#held = 0;
    this.#listener.damaged(why, bytes);
  }
}

const contacts: { readonly [letter: string]: Contact } = {
  N: 'normal',
  P: 'pressed',
  S: 'short',
  O: 'open',
  T: 'tamper',
};

const statePattern = /^S,(\d{1,3}),([0-9A-F]{4}),(\d{1,5}),(\d{1,10}),(-|\d{1,5}),(.+)$/;
const inputPattern = /^([1-9]\d?):([NPSOT]):(\d{1,7})$/;

export type Parsed =
  | { readonly state: BoxState }
  | { readonly other: string }
  | { readonly wrong: string };

/** Reads the payload of a frame whose CRC was right. `other`: a type this version does not know,
 * to be ignored; `wrong`: a state frame against the document, in words for its maker. */
export function parsePayload(payload: string): Parsed {
  if (!payload.startsWith('S,')) return { other: payload.slice(0, 1) };
  const version = Number(payload.split(',', 2)[1]);
  if (version !== protocolVersion)
    return { wrong: `it speaks version ${version}, this terminal speaks ${protocolVersion}` };
  const fields = statePattern.exec(payload);
  if (!fields) return { wrong: `not a state frame: ${payload.slice(0, 40)}` };
  const [, , session = '', seq, uptime, applied, inputList = ''] = fields;
  if (Number(seq) > 0xffff || (applied !== '-' && Number(applied) > 0xffff))
    return { wrong: 'a sequence number is above 65535' };
  const inputs = parseInputs(inputList);
  if (typeof inputs === 'string') return { wrong: inputs };
  return {
    state: {
      session,
      seq: Number(seq),
      uptimeMs: Number(uptime),
      applied: applied === '-' ? null : Number(applied),
      inputs,
    },
  };
}

function parseInputs(list: string): Map<string, InputState> | string {
  const inputs = new Map<string, InputState>();
  for (const item of list.split(';')) {
    const [, number = '', letter = '', presses] = inputPattern.exec(item) ?? [];
    const contact = contacts[letter];
    if (!contact || Number(number) > inputsMax) return `not an input: ${item.slice(0, 20)}`;
    if (inputs.has(number)) return `input ${number} comes twice in one frame`;
    inputs.set(number, { contact, presses: Number(presses) });
  }
  return inputs;
}
