// Modbus RTU input modules on one RS-485 line: their digital inputs are read (function 2) in turn,
// all the time. A module that is silent is a fault and is asked less often, so that it does not slow
// the others. Frames and CRC are modbus-serial's; port, turns and time are ours.

import type Modbus from 'modbus-serial';
import type { Contact } from '../core/fact.ts';
import type { Clock, Inputs, Sink } from '../ports.ts';
import { Faults } from './faults.ts';
import { type LevelInput, Levels } from './levels.ts';
import { SerialLink } from './link.ts';
import { RtuPort } from './rtu-port.ts';
import * as troubles from './troubles.ts';

export const moduleSilentMs = 3000;
/** A module answers within some 20 ms; at 1,200 baud its frames alone take 120. */
const answerWithinMs = 200;
/** Between two requests: the line is still for 3.5 characters at any speed, and the loop has peace. */
const pauseMs = 10;
/** How often one of the silent ones is asked: each time holds up the others by `answerWithinMs`. */
const silentEveryMs = 1000;

export interface ModbusModule {
  /** Address on the line, 1 to 247. */
  readonly unit: number;
  /** Number of the input, from 1 as printed on the module -> input. */
  readonly inputs: { readonly [number: string]: LevelInput };
}

export interface ModbusSetup {
  readonly id: string;
  readonly path: string;
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly modules: readonly ModbusModule[];
  readonly clock: Clock;
}

interface Turn {
  readonly module: ModbusModule;
  answeredMs: number;
  askAgainMs: number;
}

export class ModbusLine implements Inputs {
  readonly #setup: ModbusSetup;
  readonly #faults: Faults;
  readonly #link: SerialLink;
  readonly #port: RtuPort;
  readonly #levels = new Levels();
  #client: Modbus.default | null = null;
  #turns: Turn[] = [];
  #next = 0;
  #cancel: (() => void) | null = null;
  #isOpen = false;

  constructor(setup: ModbusSetup) {
    this.#setup = setup;
    this.#faults = new Faults(`modbus.${setup.id}`);
    this.#link = new SerialLink(
      { ...setup, device: 'RS-485 adapter' },
      {
        up: () => this.#up(),
        down: (detail) => this.#down(detail),
        data: (chunk) => this.#port.feed(chunk),
        written: () => undefined,
      },
    );
    this.#port = new RtuPort(this.#link);
  }

  /** A line that is not there is a fault, never a rejection; it is looked for until `close`. */
  async open(sink: Sink): Promise<void> {
    this.#isOpen = true;
    this.#faults.open(sink);
    this.#levels.open(sink);
    const { default: modbus } = await import('modbus-serial');
    this.#client = new modbus.default(this.#port);
    this.#client.setTimeout(answerWithinMs);
    await new Promise<void>((done) => this.#client?.open(done));
    await this.#link.open();
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#cancel?.();
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
    const nowMs = this.#nowMs();
    this.#turns = this.#setup.modules.map((module) => ({
      module,
      answeredMs: nowMs,
      askAgainMs: nowMs,
    }));
    this.#later();
  }

  /** One cause, one fault: what cannot be known without a line is not claimed. */
  #down(detail: string): void {
    this.#cancel?.();
    this.#faults.raise('absent', troubles.portAbsent(detail));
    for (const { unit } of this.#setup.modules)
      for (const fault of ['silent', 'refuses']) this.#faults.clear(`${unit}.${fault}`);
  }

  #later(): void {
    this.#cancel?.();
    if (this.#isOpen) this.#cancel = this.#setup.clock.after(pauseMs, () => void this.#ask());
  }

  /** The next module in turn that is due; one request is on the line at a time. */
  async #ask(): Promise<void> {
    const nowMs = this.#nowMs();
    const turns = this.#turns;
    const due = turns.findIndex(
      (_, n) => (turns[(this.#next + n) % turns.length]?.askAgainMs ?? 0) <= nowMs,
    );
    const turn = turns[(this.#next + due) % turns.length];
    if (due >= 0 && turn) {
      this.#next = (this.#next + due + 1) % turns.length;
      await this.#read(turn);
    }
    if (turns === this.#turns && this.#link.isUp) this.#later();
  }

  async #read(turn: Turn): Promise<void> {
    const { unit, inputs } = turn.module;
    const numbers = Object.keys(inputs).map(Number);
    const first = Math.min(...numbers);
    try {
      this.#client?.setID(unit);
      const answer = await this.#client?.readDiscreteInputs(
        first - 1,
        Math.max(...numbers) - first + 1,
      );
      if (!this.#isOpen || !answer) return;
      this.#answered(turn);
      this.#faults.clear(`${unit}.refuses`);
      const edgeMs = this.#nowMs();
      for (const number of numbers) {
        const input = inputs[String(number)];
        const level = answer.data[number - first];
        if (input && level !== undefined) this.#levels.take(input, level, edgeMs);
      }
    } catch (error) {
      if (this.#isOpen && this.#link.isUp) this.#failed(turn, error);
    }
  }

  #answered(turn: Turn): void {
    turn.answeredMs = this.#nowMs();
    this.#faults.clear(`${turn.module.unit}.silent`);
  }

  #failed(turn: Turn, error: unknown): void {
    const { unit } = turn.module;
    const nowMs = this.#nowMs();
    if (isException(error)) {
      this.#answered(turn);
      this.#faults.raise(`${unit}.refuses`, troubles.refusingModule(unit, error.message));
      turn.askAgainMs = nowMs + silentEveryMs;
      return;
    }
    if (nowMs - turn.answeredMs < moduleSilentMs - answerWithinMs) return;
    const { baud, parity } = this.#setup;
    this.#faults.raise(`${unit}.silent`, troubles.silentModule(unit, `${baud} baud, ${parity}`));
    const silent = this.#turns.filter((one) => this.#faults.has(`${one.module.unit}.silent`));
    turn.askAgainMs = nowMs + silentEveryMs * silent.length;
  }

  #nowMs(): number {
    return this.#setup.clock.now().monoMs;
  }
}

/** The module answered, with an exception of the protocol (its numbers are 1 to 11). */
const isException = (error: unknown): error is Error =>
  error instanceof Error && 'modbusCode' in error && typeof error.modbusCode === 'number';
