// All of a terminal's GPIO: opens the way to the lines once, keeps every input and output on it, and looks
// at lines whose chip has no interrupts. A line that cannot be had costs that line and nothing else.

import { Faults } from '../buttons/faults.ts';
import { type Light, Switches } from '../lamp/switches.ts';
import type { Clock, Indicator, Inputs, Sink, Strobe } from '../ports.ts';
import { chooseKernel } from './choose.ts';
import { GpioInput, type InputSetup } from './input.ts';
import { type LineFigures, pollMs, rereadMs } from './input-line.ts';
import type { DriverName, Kernel } from './kernel.ts';
import { OutputLine, type OutputSetup } from './output.ts';
import { Relay } from './relay.ts';

const retryMs = 5000;

export interface GpioSetup {
  readonly driver: 'auto' | DriverName;
  readonly inputs: readonly InputSetup[];
  readonly outputs: {
    readonly lamp: { readonly [L in Light]?: Omit<OutputSetup, 'id'> | null } | null;
    readonly buzzer: Omit<OutputSetup, 'id'> | null;
    readonly strobe: Omit<OutputSetup, 'id'> | null;
  };
  readonly debounceMs: number;
  readonly clock: Clock;
  /** In place of this machine's. */
  readonly kernel?: Kernel;
}

export interface GpioLine extends LineFigures {
  /** Id of the input, or name of the output. */
  readonly id: string;
}

export interface GpioFigures {
  /** null: no way to any line. */
  readonly driver: DriverName | null;
  readonly lines: readonly GpioLine[];
}

export class Gpio implements Inputs {
  readonly #setup: GpioSetup;
  readonly #faults = new Faults('gpio');
  readonly #inputs: readonly GpioInput[];
  readonly #outputs: OutputLine[] = [];
  readonly #indicator: Switches | null;
  readonly #relay: Relay | null;
  #kernel: Kernel | null = null;
  #sink: Sink | null = null;
  #cancel: (() => void) | null = null;

  constructor(setup: GpioSetup) {
    this.#setup = setup;
    const { clock, debounceMs, inputs, outputs } = setup;
    this.#inputs = inputs.map((one) => new GpioInput({ setup: one, debounceMs, clock }));
    const output = (id: string, wanted: Omit<OutputSetup, 'id'>): OutputLine => {
      const line = new OutputLine({ id, ...wanted }, clock);
      this.#outputs.push(line);
      return line;
    };
    const lights = Object.entries(outputs.lamp ?? {}).flatMap(([light, wanted]) =>
      wanted ? [[light, output(`lamp-${light}`, wanted)]] : [],
    );
    const buzzer = outputs.buzzer && output('buzzer', outputs.buzzer);
    const parts = { lamp: Object.fromEntries(lights), buzzer, clock };
    this.#indicator = lights.length > 0 || buzzer ? new Switches(parts) : null;
    this.#relay = outputs.strobe && new Relay(output('strobe', outputs.strobe), clock);
  }

  /** null where neither lamp nor buzzer is configured. */
  get indicator(): Indicator | null {
    return this.#indicator;
  }

  get strobe(): Strobe | null {
    return this.#relay;
  }

  /** Never rejects: what cannot be had is a fault, and is tried again. */
  async open(sink: Sink): Promise<void> {
    this.#sink = sink;
    this.#faults.open(sink);
    this.#indicator?.open();
    this.#relay?.open(sink);
    await this.#choose();
  }

  async close(): Promise<void> {
    this.#sink = null;
    this.#cancel?.();
    this.#cancel = null;
    for (const input of this.#inputs) input.close();
    this.#indicator?.close();
    this.#relay?.close();
    for (const output of this.#outputs) output.close();
    this.#kernel = null;
  }

  figures(): GpioFigures {
    const inputs = this.#inputs.flatMap((input) =>
      input.figures().map((line) => ({ id: input.id, ...line })),
    );
    const outputs = this.#outputs.map((output) => ({ id: output.id, ...output.figures() }));
    return { driver: this.#kernel?.driver ?? null, lines: [...inputs, ...outputs] };
  }

  async #choose(): Promise<void> {
    const { driver, clock, kernel } = this.#setup;
    try {
      const chosen = kernel ? { kernel, why: null } : await chooseKernel(driver, clock);
      if (chosen.why !== null) this.#faults.raise('driver', secondBest(chosen.why));
      else this.#faults.clear('driver');
      this.#begin(chosen.kernel);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#faults.raise('driver', `GPIO cannot be used: ${why}. Install the terminal again.`);
      if (this.#sink) this.#cancel = clock.after(retryMs, () => void this.#choose());
    }
  }

  #begin(kernel: Kernel): void {
    const sink = this.#sink;
    if (!sink) return;
    this.#kernel = kernel;
    for (const line of [...this.#inputs, ...this.#outputs]) line.open(kernel, sink);
    this.#lookLater();
  }

  #lookLater(): void {
    const { clock } = this.#setup;
    const isPolled = this.#inputs.some((input) => input.isPolled);
    this.#cancel = clock.after(isPolled ? pollMs : rereadMs, () => {
      const nowMs = clock.now().monoMs;
      for (const input of this.#inputs) input.look(nowMs);
      this.#lookLater();
    });
  }
}

const secondBest = (why: string): string =>
  `The GPIO add-on does not load (${why}), so lines go through sysfs, where a press that comes and ` +
  'goes while the terminal is busy is lost. Install the terminal again.';
