// Pictures of a feed as one viewer gets them: under his SSRC and payload type, numbered without gaps
// whatever happens to the feed. A group of pictures from the cache goes out with its times pressed
// together, so that the browser rushes through it to the live edge and shows no slow motion.

import type { Clock } from '../../ports.ts';
import type { Group, Picture } from './group.ts';
import { packetBytesMax, writeRtp } from './rtp.ts';

export interface ForwarderOptions {
  readonly ssrc: number;
  readonly payloadType: number;
  /** Where its numbers begin: at random, as RFC 3550 wants. */
  readonly sequence: number;
  readonly offset: number;
  readonly clock: Clock;
  /** `packet` is valid during the call alone. */
  readonly send: (packet: Buffer, timestamp: number) => void;
}

interface Waiting {
  readonly payload: Buffer;
  readonly ticks: number;
  readonly marker: boolean;
}

/** Some 50 Mbit/s: as fast as sockets and lines take it, and no faster. */
const pace = { packets: 25, everyMs: 5, burst: 100 } as const;
/** A viewer who is this far behind begins anew at the next key picture. */
const waitingMax = 12_000;
/** Between two pictures of a pressed group. */
const pressedTicks = 90;
/** Room between two pictures on air, at 30 a second, with something to spare. */
const gapTicks = 2_400;

export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #room = Buffer.alloc(packetBytesMax);
  #sequence: number;
  #ticks = Number.NEGATIVE_INFINITY;
  /** Pictures follow on each other; else the next key picture is waited for. */
  #isFlowing = false;
  #waiting: Waiting[] = [];
  #budget: number = pace.burst;
  #cancel: (() => void) | null = null;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#sequence = options.sequence;
  }

  /** Shows the group that is on air; what follows goes on from there. False: there is none yet. */
  show({ pictures, isWhole }: Pick<Group, 'pictures' | 'isWhole'>): boolean {
    const last = pictures.at(-1);
    this.#waiting = [];
    this.#isFlowing = isWhole;
    if (!last) return false;
    const count = pictures.length;
    const early = last.ticks - count * pressedTicks;
    const isFirst = early > this.#ticks;
    const from = isFirst ? early : this.#ticks;
    const between = isFirst ? pressedTicks : Math.max(1, Math.floor(gapTicks / count));
    for (const [n, picture] of pictures.entries()) this.#queue(picture, from + (n + 1) * between);
    this.#drain();
    return true;
  }

  /** A picture on air. True: decoding can begin with it. */
  push(picture: Picture): boolean {
    if (picture.key) this.#isFlowing = true;
    if (!this.#isFlowing) return false;
    if (this.#waiting.length > waitingMax) {
      this.#waiting = [];
      this.#isFlowing = picture.key;
      if (!picture.key) return false;
    }
    this.#queue(picture, Math.max(picture.ticks, this.#ticks + 1));
    this.#drain();
    return picture.key;
  }

  /** Something is missing, or the feed has begun anew: nothing before the next key picture. */
  interrupt(): void {
    this.#isFlowing = false;
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#waiting = [];
    this.#isFlowing = false;
  }

  #queue({ payloads }: Picture, ticks: number): void {
    this.#ticks = ticks;
    const last = payloads.length - 1;
    for (const [n, payload] of payloads.entries())
      this.#waiting.push({ payload, ticks, marker: n === last });
  }

  #drain(): void {
    const now = this.#waiting.splice(0, this.#budget);
    this.#budget -= now.length;
    for (const { payload, ticks, marker } of now) {
      const { payloadType, ssrc, offset, send } = this.#options;
      const timestamp = ticks + offset;
      const header = { payloadType, marker, sequence: this.#sequence, timestamp, ssrc };
      this.#sequence = (this.#sequence + 1) & 0xffff;
      send(writeRtp(this.#room, header, payload), timestamp);
    }
    if (this.#budget < pace.burst && this.#cancel === null) this.#refill();
  }

  #refill(): void {
    this.#cancel = this.#options.clock.after(pace.everyMs, () => {
      this.#cancel = null;
      this.#budget = Math.min(pace.burst, this.#budget + pace.packets);
      this.#drain();
    });
  }
}
