// A gate room in memory, by whatever clock it is given: every 10 ms the loudspeaker takes a frame and
// the microphone gives one. No echo.

import type { Clock, Sound, SoundFrame, SoundListener } from '#agent/ports.ts';

const frameMs = 10;
const frameSamples = 480;
const queueMax = 6;
const queueKept = 2;
const meterFrames = 10;

const powerOf = (frame: SoundFrame): number =>
  frame.reduce((sum, one) => sum + (one / 32_768) ** 2, 0) / frameSamples;

export class FakeSound implements Sound {
  /** What came out of the loudspeaker, silence too; the newest last. */
  readonly air: SoundFrame[] = [];
  /** What the microphone will hear; silence where there is nothing. */
  near: SoundFrame[] = [];
  readonly #clock: Clock;
  #queue: SoundFrame[] = [];
  #played: number[] = [];
  #captured: number[] = [];
  #listener: SoundListener | null = null;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#listener !== null;
  }

  open(listener: SoundListener): void {
    this.#listener = listener;
    this.#next();
  }

  play(frame: SoundFrame): void {
    this.#queue.push(frame);
    if (this.#queue.length > queueMax) this.#queue = this.#queue.slice(-queueKept);
  }

  levels() {
    const level = (powers: readonly number[]) =>
      10 * Math.log10(powers.reduce((sum, one) => sum + one, 0) / meterFrames);
    return { speaker: level(this.#played), microphone: level(this.#captured) };
  }

  async close(): Promise<void> {
    this.#cancel();
    this.#listener = null;
    this.#queue = [];
  }

  /** `sound.speaker` and the like; null: well again. */
  fail(fault: string, detail: string | null): void {
    this.#listener?.trouble(fault, detail);
  }

  #next(): void {
    this.#cancel = this.#clock.after(frameMs, () => this.#next());
    const played = this.#queue.shift() ?? new Int16Array(frameSamples);
    const captured = this.near.shift() ?? new Int16Array(frameSamples);
    this.air.push(played);
    this.#played = [...this.#played, powerOf(played)].slice(-meterFrames);
    this.#captured = [...this.#captured, powerOf(captured)].slice(-meterFrames);
    this.#listener?.captured(captured);
  }
}
