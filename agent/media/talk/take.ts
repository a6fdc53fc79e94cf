// What is said in a call, from its beginning to its end: both sides by our clock, coded, in fragments of half
// a second, so that whatever ends us costs less than one.

import type { Clock, SoundFrame } from '../../ports.ts';
import { packetsPerS } from '../clip/opus.ts';
import { frameMs } from '../sound/frame.ts';
import { Coder } from './coder.ts';

/** Half a second of both sides, as packets of 20 ms. */
export interface Half {
  /** Packets that were before it. */
  readonly from: number;
  readonly sides: readonly [caller: readonly Buffer[], room: readonly Buffer[]];
}

export interface TakeOptions {
  readonly clock: Clock;
  readonly half: (half: Half) => void;
  /** Before its time; the sentence begins with "ffmpeg". */
  readonly ended: (why: string) => void;
}

const halfPackets = packetsPerS / 2;
/** Later than this the loop stood still: that time is silence. */
const lateFrames = 10;
const lateFramesMax = 200;

export class Take {
  readonly #options: TakeOptions;
  readonly #coder: Coder;
  readonly #waiting: readonly [Buffer[], Buffer[]] = [[], []];
  #from = 0;
  #startMs: number | null = null;
  #frames = 0;

  constructor(options: TakeOptions) {
    this.#options = options;
    const packet = (side: number, data: Buffer) => this.#packet(side, data);
    this.#coder = new Coder({ clock: options.clock, packet, ended: options.ended });
  }

  /** Of its beginning, by the monotonic clock, milliseconds. */
  get startMs(): number {
    return this.#startMs ?? this.#nowMs;
  }

  open(): void {
    this.#coder.open();
  }

  /** 10 ms of the caller who is heard, and of the room. */
  frame(caller: SoundFrame | null, room: SoundFrame): void {
    this.#startMs ??= this.#nowMs;
    const due = Math.floor((this.#nowMs - this.#startMs) / frameMs);
    const late = due - this.#frames;
    if (late > lateFrames) {
      for (let n = 0; n < Math.min(late, lateFramesMax); n++) this.#coder.feed(null, null);
      this.#frames = due;
    }
    this.#coder.feed(caller, room);
    this.#frames++;
  }

  /** Resolves when all of it has been given out. */
  async close(): Promise<void> {
    await this.#coder.close();
    const rest = Math.min(...this.#waiting.map(({ length }) => length));
    if (rest > 0) this.#give(rest);
  }

  #packet(side: number, data: Buffer): void {
    this.#waiting[side === 0 ? 0 : 1].push(data);
    if (this.#waiting.every(({ length }) => length >= halfPackets)) this.#give(halfPackets);
  }

  #give(count: number): void {
    const [caller, room] = this.#waiting;
    const from = this.#from;
    this.#from += count;
    this.#options.half({ from, sides: [caller.splice(0, count), room.splice(0, count)] });
  }

  get #nowMs(): number {
    return this.#options.clock.now().monoMs;
  }
}
