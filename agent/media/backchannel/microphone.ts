// The dome's microphone, where it has one that speaks G.711. None is no fault: the gate room's is used.

import type { SoundListener } from '../../ports.ts';
import { parseRtp } from '../../rtsp/packet.ts';
import type { RtspError } from '../../rtsp/reader.ts';
import { Framer } from '../framer.ts';
import { levelDb } from '../frames.ts';
import type { DomeSoundOptions } from './dome-sound.ts';
import { decodeG711, type G711 } from './g711.ts';
import { Line } from './line.ts';
import { NoTrack } from './stream.ts';

const g711Rate = 8_000;
const lookMs = 1_000;
const silentMs = 5_000;

export class Microphone {
  readonly #options: DomeSoundOptions;
  readonly #line: Line;
  readonly #framer: Framer;
  #listener: SoundListener | null = null;
  #codec: { readonly name: G711; readonly type: number } | null = null;
  #heardMs = 0;
  #levelDb = Number.NEGATIVE_INFINITY;
  #cancel: () => void = () => undefined;

  constructor(options: DomeSoundOptions) {
    this.#options = options;
    this.#framer = new Framer((frame) => {
      this.#levelDb = levelDb(frame);
      this.#listener?.captured(frame);
    });
    this.#line = new Line({
      ...options,
      isBackchannel: false,
      opened: (codec) => {
        this.#codec = codec;
        this.#heardMs = this.#nowMs;
      },
      packet: (packet) => this.#packet(packet),
      failed: (error) => this.#failed(error),
    });
  }

  get levelDb(): number {
    return this.#line.isOpen ? this.#levelDb : Number.NEGATIVE_INFINITY;
  }

  open(listener: SoundListener): void {
    this.#listener = listener;
    this.#look();
  }

  close(): void {
    this.#cancel();
    this.#listener = null;
    this.#line.close();
  }

  #look(): void {
    if (this.#line.isOpen && this.#nowMs - this.#heardMs > silentMs)
      this.#line.giveUp(`no sound for ${silentMs / 1000} s`);
    this.#line.open();
    this.#cancel = this.#options.clock.after(lookMs, () => this.#look());
  }

  #packet(packet: Buffer): void {
    const rtp = parseRtp(packet);
    if (!rtp || !this.#codec || rtp.payloadType !== this.#codec.type) return;
    this.#heardMs = this.#nowMs;
    this.#framer.push(decodeG711(this.#codec.name, rtp.payload), g711Rate);
  }

  #failed(error: RtspError | null): void {
    const isNone = error instanceof NoTrack && error.isAbsent;
    const detail = error && !isNone ? `the dome's microphone: ${error.message}` : null;
    this.#listener?.trouble('talk.dome.microphone', detail);
  }

  get #nowMs(): number {
    return this.#options.clock.now().monoMs;
  }
}
