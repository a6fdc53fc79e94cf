// Dry contacts on the modem-control lines of a serial port: RTS and DTR are held up and feed them,
// CTS, DSR, DCD and RI are read. The UART tells no change of them to user space, so they are polled.
// No data passes: the port is used up.

import type { Contact } from '../core/fact.ts';
import type { Clock, Inputs, Sink } from '../ports.ts';
import { Faults } from './faults.ts';
import { type LevelInput, Levels } from './levels.ts';
import { type ModemLine, modemLines, SerialLink } from './link.ts';
import * as troubles from './troubles.ts';

/** A hundred looks a second: the shortest press of a hand is 50 ms; one look costs some 40 us. */
export const modemPollMs = 10;

export interface ModemSetup {
  readonly id: string;
  readonly path: string;
  readonly inputs: { readonly [line in ModemLine]?: LevelInput | undefined };
  readonly clock: Clock;
}

export class ModemContacts implements Inputs {
  readonly #setup: ModemSetup;
  readonly #faults: Faults;
  readonly #link: SerialLink;
  readonly #levels = new Levels();
  #cancelPoll: (() => void) | null = null;
  #isOpen = false;

  constructor(setup: ModemSetup) {
    this.#setup = setup;
    this.#faults = new Faults(`modem.${setup.id}`);
    const { path, clock } = setup;
    this.#link = new SerialLink(
      { path, baud: 9600, clock, device: 'serial port' },
      {
        up: () => this.#up(),
        down: (detail) => this.#down(detail),
        data: () => undefined,
        written: () => undefined,
      },
    );
  }

  /** A port that is not there is a fault, never a rejection; it is looked for until `close`. */
  async open(sink: Sink): Promise<void> {
    this.#isOpen = true;
    this.#faults.open(sink);
    this.#levels.open(sink);
    await this.#link.open();
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#cancelPoll?.();
    this.#levels.close();
    await this.#link.close();
  }

  get id(): string {
    return this.#setup.id;
  }

  get path(): string {
    return this.#setup.path;
  }

  /** By id of the input, as it was told last. */
  contacts(): ReadonlyMap<string, Contact> {
    return this.#levels.told;
  }

  #up(): void {
    this.#faults.clear('absent');
    this.#levels.forget();
    this.#link.feed((error) => {
      if (error) this.#faults.raise('lines', troubles.noModemLines(error.message));
      else this.#poll();
    });
  }

  #down(detail: string): void {
    this.#cancelPoll?.();
    this.#faults.clear('lines');
    this.#faults.raise('absent', troubles.portAbsent(detail));
  }

  #poll(): void {
    if (!this.#isOpen) return;
    this.#link.modemLines((error, levels) => {
      if (!this.#isOpen || !this.#link.isUp) return;
      if (error) this.#faults.raise('lines', troubles.noModemLines(error.message));
      else this.#take(levels);
      this.#cancelPoll = this.#setup.clock.after(modemPollMs, () => this.#poll());
    });
  }

  #take(levels: { readonly [line in ModemLine]: boolean }): void {
    this.#faults.clear('lines');
    const edgeMs = this.#setup.clock.now().monoMs;
    for (const line of modemLines) {
      const input = this.#setup.inputs[line];
      if (input) this.#levels.take(input, levels[line], edgeMs);
    }
  }
}
