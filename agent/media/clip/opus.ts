// Sound as a track of a file: Opus (RFC 6716), 20 ms a packet, one after the other without a gap, for what
// plays a file holds sound to the picture by counting it. What is missing is silence, and what a clock
// has too much or too little of goes 20 ms at a time.

import { box, type Run, type Track, u8, u16, u32, zeros } from './boxes.ts';

/** Ticks are 48 kHz, of the monotonic clock or of the file. */
export const soundTicksPerMs = 48;
const packetTicks = 20 * soundTicksPerMs;
export const packetsPerS = 50;

export interface SoundPacket {
  readonly ticks: number;
  /** 20 ms, one channel. */
  readonly data: Buffer;
}

/** 20 ms of nothing, one channel (RFC 6716, 3.1: CELT alone). */
const silence = Buffer.from([0xf8, 0xff, 0xfe]);
/** Packets that it may be early or late by. */
const stray = 2;
/** What has not come so long after its time is missing. */
const lateTicks = 500 * soundTicksPerMs;
/** What a decoder needs to settle, in samples; libopus tells the same. */
const preSkip = 312;

/** @param name Who is heard, for a person who looks into the file. */
export function soundTrack(name: string): Track {
  const rate = 1000 * soundTicksPerMs;
  const dOps = box('dOps', u8(0, 1), u16(preSkip), u32(rate), u16(0), u8(0));
  const format = [u16(1), u16(16), u16(0), u16(0), u32(rate * 65_536)];
  const entry = box('Opus', zeros(6), u16(1), zeros(8), ...format, dOps);
  return { handler: 'soun', name, timescale: rate, entry, width: 0, height: 0 };
}

/** Packets one after the other, from `start` on. */
export const soundRun = (track: number, start: number, packets: readonly Buffer[]): Run => ({
  ...{ track, start, isGroup: false },
  samples: packets.map((data) => ({ duration: packetTicks, data })),
});

/** Lays packets out along a file that has begun at `startTicks`. */
export class SoundLine {
  readonly #startTicks: number;
  #waiting: readonly SoundPacket[] = [];
  /** Where the next packet goes; ticks of the file. */
  #end = 0;

  constructor(startTicks: number) {
    this.#startTicks = startTicks;
  }

  /** What goes before `untilTicks` of these and of those before; the rest waits. */
  take(track: number, packets: readonly SoundPacket[], untilTicks: number): Run {
    const all = [...this.#waiting, ...packets];
    const later = all.findIndex(({ ticks }) => ticks >= untilTicks);
    this.#waiting = later < 0 ? [] : all.slice(later);
    const start = this.#end;
    const laid: Buffer[] = [];
    const lay = (data: Buffer, count = 1) => {
      for (let n = 0; n < count; n++) laid.push(data);
      this.#end += count * packetTicks;
    };
    for (const { ticks, data } of later < 0 ? all : all.slice(0, later)) {
      const ahead = Math.round(this.#until(ticks) / packetTicks);
      if (this.#end === 0 ? ahead < 0 : ahead <= -stray) continue;
      if (this.#end === 0 || ahead >= stray) lay(silence, ahead);
      lay(data);
    }
    lay(silence, Math.max(0, Math.floor(this.#until(untilTicks - lateTicks) / packetTicks)));
    return soundRun(track, start, laid);
  }

  #until(ticks: number): number {
    return ticks - this.#startTicks - this.#end;
  }
}
