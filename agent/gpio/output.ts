// One line that is set: off from the moment it is ours, as wanted while it is, off when we leave. What is
// wanted while it cannot be had is set when it can.

import { Faults } from '../buttons/faults.ts';
import type { Clock, Sink } from '../ports.ts';
import type { LineFigures } from './input-line.ts';
import { Keeper } from './keeper.ts';
import type { Kernel, Level, OpenOutput, Place } from './kernel.ts';

export interface OutputSetup {
  /** `lamp-red`, `buzzer`, `strobe`. */
  readonly id: string;
  readonly place: Place;
  /** The level that lights it. */
  readonly on: Level;
}

export class OutputLine {
  readonly #setup: OutputSetup;
  readonly #clock: Clock;
  readonly #faults: Faults;
  #keeper: Keeper<OpenOutput> | null = null;
  #isOn = false;

  constructor(setup: OutputSetup, clock: Clock) {
    this.#setup = setup;
    this.#clock = clock;
    this.#faults = new Faults(`output.${setup.id}`);
  }

  get id(): string {
    return this.#setup.id;
  }

  open(kernel: Kernel, sink: Sink): void {
    const { place } = this.#setup;
    this.#faults.open(sink);
    this.#keeper = new Keeper({
      clock: this.#clock,
      open: () => kernel.output(place, this.#level(false)),
      up: (line) => {
        line.set(this.#level(this.#isOn));
        this.#faults.clear('line');
      },
      down: (trouble) => this.#faults.raise('line', `${this.id}: ${trouble.message}.`),
    });
    this.#keeper.open();
  }

  set(isOn: boolean): void {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    this.#keeper?.use((line) => line.set(this.#level(isOn)));
  }

  close(): void {
    this.set(false);
    this.#keeper?.close();
    this.#keeper = null;
  }

  figures(): LineFigures {
    const where = this.#keeper?.line?.where ?? null;
    const level = where === null ? null : this.#level(this.#isOn);
    return { place: this.#setup.place, where, mode: 'output', level, edges: 0, lost: 0 };
  }

  #level(isOn: boolean): Level {
    if (isOn) return this.#setup.on;
    return this.#setup.on === 1 ? 0 : 1;
  }
}
