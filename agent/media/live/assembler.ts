// RTP packets of H.264 (RFC 6184, modes 0 and 1) put together to pictures. Holds one picture at most,
// within limits; one with a packet missing is told as damaged. A key picture always has its parameter
// sets with it, each once, the newest.

import {
  aggregate,
  isIdle,
  isParameterSet,
  isSlice,
  looksAhead,
  nal,
  parameterSetName,
  typeOf,
} from './h264.ts';
import { type RtpPacket, step } from './rtp.ts';

export const assemblerLimits = {
  pictureBytesMax: 4 * 1024 * 1024,
  unitsMax: 256,
  parameterSetsMax: 16,
} as const;

export interface CodedPicture {
  /** 90 kHz, 32 bits, from wherever it began. */
  readonly timestamp: number;
  /** Decoding can begin here. */
  readonly key: boolean;
  readonly units: readonly Buffer[];
  /** It refers to a later one. */
  readonly ahead: boolean;
  readonly damaged: boolean;
}

export class Assembler {
  readonly #picture: (picture: CodedPicture) => void;
  #sequence: number | null = null;
  #timestamp: number | null = null;
  #units: Buffer[] = [];
  #bytes = 0;
  #damaged = false;
  /** Parts of a unit that is not whole yet. */
  #parts: Buffer[] | null = null;
  #sets = new Map<string, Buffer>();

  constructor(picture: (picture: CodedPicture) => void) {
    this.#picture = picture;
  }

  take({ sequence, timestamp, marker, payload }: RtpPacket): void {
    const ahead = this.#sequence === null ? 1 : step(this.#sequence, sequence, 16);
    if (ahead <= 0) return;
    this.#sequence = sequence;
    // The packet with the marker was lost.
    if (this.#timestamp !== null && this.#timestamp !== timestamp) this.#finish();
    if (ahead > 1) this.#damage();
    this.#timestamp = timestamp;
    this.#read(payload);
    if (marker) this.#finish();
  }

  #read(payload: Buffer): void {
    const type = typeOf(payload);
    if (type === aggregate.fuA) return this.#fragment(payload);
    if (this.#parts !== null) this.#damage();
    if (type === aggregate.stapA) this.#several(payload);
    else if (type >= 1 && type < aggregate.stapA) this.#unit(payload);
    else this.#damage();
  }

  #several(payload: Buffer): void {
    for (let at = 1; at < payload.length; ) {
      if (at + 2 > payload.length) return this.#damage();
      const length = payload.readUInt16BE(at);
      const unit = payload.subarray(at + 2, at + 2 + length);
      if (length === 0 || unit.length < length) return this.#damage();
      this.#unit(unit);
      at += 2 + length;
    }
  }

  #fragment(payload: Buffer): void {
    if (payload.length < 3) return this.#damage();
    const [indicator = 0, header = 0] = payload;
    const [isFirst, isLast] = [(header & 0x80) !== 0, (header & 0x40) !== 0];
    if (isFirst !== (this.#parts === null)) this.#damage();
    if (isFirst) this.#parts = [Buffer.from([(indicator & 0xe0) | (header & 0x1f)])];
    else if (this.#parts === null) return;
    this.#parts?.push(payload.subarray(2));
    if (!this.#fits(payload.length)) return;
    if (!isLast) return;
    const unit = Buffer.concat(this.#parts ?? []);
    this.#parts = null;
    this.#bytes -= unit.length;
    this.#unit(unit);
  }

  #unit(unit: Buffer): void {
    if (isIdle(unit)) return;
    if (this.#units.length >= assemblerLimits.unitsMax) return this.#damage();
    if (this.#fits(unit.length)) this.#units.push(unit);
  }

  #fits(bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#bytes <= assemblerLimits.pictureBytesMax) return true;
    this.#damage();
    this.#units = [];
    return false;
  }

  #damage(): void {
    this.#damaged = true;
    this.#parts = null;
  }

  #finish(): void {
    const [timestamp, units] = [this.#timestamp, this.#units];
    const isCut = this.#parts !== null;
    if (isCut) this.#damage();
    const damaged = this.#damaged;
    this.#timestamp = null;
    this.#units = [];
    this.#bytes = 0;
    this.#damaged = false;
    this.#remember(units);
    const slices = units.filter(isSlice);
    // ffmpeg sends parameter sets as a picture of their own: they wait for the next.
    if (timestamp === null || (slices.length === 0 && !damaged)) return;
    const key = slices.some((unit) => typeOf(unit) === nal.idr);
    const whole = key
      ? [...this.#sets.values(), ...units.filter((unit) => !isParameterSet(unit))]
      : units;
    this.#picture({ timestamp, key, units: whole, ahead: slices.some(looksAhead), damaged });
  }

  #remember(units: readonly Buffer[]): void {
    for (const unit of units) {
      if (!isParameterSet(unit)) continue;
      const name = parameterSetName(unit);
      if (this.#sets.has(name) || this.#sets.size < assemblerLimits.parameterSetsMax)
        this.#sets.set(name, unit);
    }
  }
}
