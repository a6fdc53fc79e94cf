// Frames to the dome's loudspeaker, 20 ms of G.711 a packet. What comes while the way is being opened is
// dropped: played late it would stay late for the whole call.

import type { SoundFrame, SoundListener } from '../../ports.ts';
import { frameRate, levelDb } from '../frames.ts';
import { Resampler } from '../resampler.ts';
import type { DomeSoundOptions } from './dome-sound.ts';
import { encodeG711, type G711 } from './g711.ts';
import { Line } from './line.ts';
import { Packer } from './rtp.ts';

const g711Rate = 8_000;
const packetSamples = 160;
const heldMs = 500;
/** So long it reads nothing: it hangs. */
const deafMs = 3_000;

interface Out {
  readonly codec: G711;
  readonly packer: Packer;
  readonly resampler: Resampler;
  samples: Int16Array;
}

export class Speaker {
  readonly #options: DomeSoundOptions;
  readonly #line: Line;
  #listener: SoundListener | null = null;
  #out: Out | null = null;
  #playedMs = 0;
  #takenMs = 0;
  #levelDb = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(options: DomeSoundOptions) {
    this.#options = options;
    this.#line = new Line({
      ...options,
      isBackchannel: true,
      opened: ({ name, type }) => this.#opened(name, type),
      packet: () => undefined,
      failed: (error) =>
        this.#listener?.trouble(
          'talk.dome',
          error && `the dome takes no sound (${error.message}); the gate room has to do`,
        ),
    });
  }

  get levelDb(): number {
    return this.#line.isOpen ? this.#levelDb : Number.NEGATIVE_INFINITY;
  }

  open(listener: SoundListener): void {
    this.#listener = listener;
  }

  play(frame: SoundFrame): void {
    this.#playedMs = this.#nowMs;
    this.#levelDb = levelDb(frame);
    this.#cancel ??= this.#options.clock.after(heldMs, () => this.#release());
    this.#line.open();
    const out = this.#out;
    if (!out || !this.#line.isOpen) return;
    out.samples = joined(out.samples, out.resampler.push(frame));
    while (out.samples.length >= packetSamples) {
      this.#send(out, out.samples.subarray(0, packetSamples));
      out.samples = out.samples.subarray(packetSamples);
    }
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#listener = null;
    this.#line.close();
  }

  #opened(codec: G711, type: number): void {
    const resampler = new Resampler(frameRate, g711Rate);
    this.#out = { codec, packer: new Packer(type), resampler, samples: new Int16Array() };
    this.#takenMs = this.#nowMs;
  }

  #send({ codec, packer }: Out, samples: Int16Array): void {
    if (this.#line.send(packer.pack(encodeG711(codec, samples)))) this.#takenMs = this.#nowMs;
    else if (this.#nowMs - this.#takenMs > deafMs) this.#line.giveUp('it has stopped to read');
  }

  #release(): void {
    const leftMs = this.#playedMs + heldMs - this.#nowMs;
    this.#cancel = null;
    if (leftMs <= 0) return this.#line.close();
    this.#cancel = this.#options.clock.after(leftMs, () => this.#release());
  }

  get #nowMs(): number {
    return this.#options.clock.now().monoMs;
  }
}

function joined(first: Int16Array, second: Int16Array): Int16Array {
  const all = new Int16Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
