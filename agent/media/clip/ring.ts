// The last half minute, in memory: what the gate saw and heard before a press. Whole groups of pictures,
// coded as they came, by the monotonic clock, each with the sound that came with it. Bounded by time and by
// bytes; where a bound bites the oldest group goes first, and of a group that is too long itself only what
// came until then stays.

import type { StreamName } from '../../core/picture.ts';
import { isParameterSet } from '../live/h264.ts';
import { packetsPerS, type SoundPacket } from './opus.ts';

/** Ticks are 90 kHz of the monotonic clock, as `Timeline` gives them. */
export const ticksPerMs = 90;

export const ringLimits = {
  /** Before a press, and a second for the press to get here. */
  keptMs: 31_000,
  /** 30 s of 12 Mbit/s. */
  bytesMax: 48 * 1024 * 1024,
  /** A group without an end. */
  groupMsMax: 60_000,
} as const;
/** Of a group without an end, and of none: between a picture that is missing and the next key picture. */
const packetsMax = { group: 60 * packetsPerS, between: 5 * packetsPerS } as const;

/** One picture as MP4 has it: units with their lengths before them, without parameter sets. */
export interface Sample {
  readonly ticks: number;
  readonly data: Buffer;
}

export interface PictureGroup {
  /** Rises by one a group. */
  readonly n: number;
  readonly stream: StreamName;
  /** Sequence and picture parameter sets. */
  readonly sets: readonly Buffer[];
  readonly samples: readonly Sample[];
  /** As it came, so that what belongs to its end may be with the next one. */
  readonly sound: readonly SoundPacket[];
  /** Of pictures and sound. */
  readonly bytes: number;
  /** Where the picture after its last one begins. */
  readonly endTicks: number;
}

interface Growing extends PictureGroup {
  readonly samples: Sample[];
  readonly sound: SoundPacket[];
  bytes: number;
  endTicks: number;
  isWhole: boolean;
}

export interface RingPicture {
  readonly ticks: number;
  readonly key: boolean;
  readonly units: readonly Buffer[];
}

export class Ring {
  readonly #limits: { readonly [L in keyof typeof ringLimits]: number };
  readonly #groups: Growing[] = [];
  /** Waits for the next group. */
  #between: SoundPacket[] = [];
  #bytes = 0;
  #n = 0;

  constructor(limits: Partial<Ring['limits']> = {}) {
    this.#limits = { ...ringLimits, ...limits };
  }

  get limits(): { readonly [L in keyof typeof ringLimits]: number } {
    return this.#limits;
  }

  /** Of pictures and their sound. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of its newest picture; null while there is none. */
  get lastTicks(): number | null {
    return this.#groups.at(-1)?.samples.at(-1)?.ticks ?? null;
  }

  /** Of its first picture; null while there is none. */
  get firstTicks(): number | null {
    return this.#groups[0]?.samples[0]?.ticks ?? null;
  }

  /** True when a group has become whole by it. */
  push({ ticks, key, units }: RingPicture, stream: StreamName = 'main'): boolean {
    const sample = { ticks, data: sampleOf(units) };
    const open = this.#open;
    if (key) {
      if (open) this.#end(open, ticks);
      this.#begin(sample, units.filter(isParameterSet), stream);
      this.#trim(ticks);
      return open !== null;
    }
    const begun = open?.samples[0];
    if (!open || !begun) return false;
    if (ticks - begun.ticks > this.#limits.groupMsMax * ticksPerMs) return this.cut();
    open.samples.push(sample);
    open.bytes += sample.data.length;
    this.#bytes += sample.data.length;
    this.#trim(ticks);
    return false;
  }

  /** Of the time when it comes. */
  sound(packet: SoundPacket): void {
    const open = this.#open;
    if (!open) {
      if (this.#between.length >= packetsMax.between) this.#between.shift();
      this.#between.push(packet);
    } else if (open.sound.length < packetsMax.group) {
      open.sound.push(packet);
      open.bytes += packet.data.length;
      this.#bytes += packet.data.length;
    }
  }

  /** A picture is missing: what follows cannot be decoded before the next key picture. True when a group
   * has become whole by it. */
  cut(): boolean {
    const open = this.#open;
    if (!open) return false;
    const [before, last] = open.samples.slice(-2);
    const pace = before && last ? last.ticks - before.ticks : 40 * ticksPerMs;
    this.#end(open, (last ?? before)?.ticks ?? 0, pace);
    return true;
  }

  /** Whole groups above `n`, oldest first. */
  after(n: number): readonly PictureGroup[] {
    return this.#groups.filter((group) => group.isWhole && group.n > n);
  }

  clear(): void {
    this.#groups.length = 0;
    this.#between = [];
    this.#bytes = 0;
  }

  get #open(): Growing | null {
    const last = this.#groups.at(-1);
    return last && !last.isWhole ? last : null;
  }

  #begin(sample: Sample, sets: readonly Buffer[], stream: StreamName): void {
    const known = this.#groups.at(-1)?.sets;
    const own = known && sameSets(known, sets) ? known : sets.map(copyOf);
    const sound = this.#between;
    this.#between = [];
    const bytes = sound.reduce((sum, { data }) => sum + data.length, sample.data.length);
    const group = { n: ++this.#n, stream, sets: own, samples: [sample], sound, bytes, endTicks: 0 };
    this.#groups.push({ ...group, isWhole: false });
    this.#bytes += bytes;
  }

  #end(group: Growing, ticks: number, pace = 0): void {
    group.endTicks = ticks + pace;
    group.isWhole = true;
  }

  #trim(nowTicks: number): void {
    const { keptMs, bytesMax } = this.#limits;
    const isEnough = (group: Growing | undefined) =>
      (group?.samples[0]?.ticks ?? Number.POSITIVE_INFINITY) <= nowTicks - keptMs * ticksPerMs;
    while (isEnough(this.#groups[1]) || this.#bytes > bytesMax) {
      const gone = this.#groups.shift();
      if (!gone) return;
      this.#bytes -= gone.bytes;
    }
  }
}

export const sameSets = (a: readonly Buffer[], b: readonly Buffer[]): boolean =>
  a.length === b.length && a.every((set, n) => set.equals(b[n] ?? Buffer.alloc(0)));

/** A view would keep the datagram alive that it came in, and Buffer.from takes a pool of its own. */
function copyOf(unit: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(unit.length);
  unit.copy(copy);
  return copy;
}

/** A copy, in one piece of just the size. */
function sampleOf(all: readonly Buffer[]): Buffer {
  const units = all.filter((unit) => !isParameterSet(unit));
  const data = Buffer.allocUnsafeSlow(units.reduce((sum, unit) => sum + 4 + unit.length, 0));
  let at = 0;
  for (const unit of units) {
    at = data.writeUInt32BE(unit.length, at);
    at += unit.copy(data, at);
  }
  return data;
}
