// Modbus RTU modules on one RS-485 line: digital inputs are read (function 2) in turn, all the time, and
// outputs written (function 5) in between, one write between two reads at most. A module that is silent is
// a fault and is asked less often, so that it does not slow the others. Frames and CRC are modbus-serial's;
// port, turns and time are ours.

import type Modbus from 'modbus-serial';
import type { Contact } from '../core/fact.ts';
import type { Clock, Indicator, Inputs, Sink } from '../ports.ts';
import { type Coil, Coils, type ModuleOutputs } from './coils.ts';
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
  readonly outputs?: ModuleOutputs | null;
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
  /** null: it has no outputs that are used. */
  readonly coils: Coils | null;
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
  readonly #coils: readonly (Coils | null)[];
  #turns: Turn[] = [];
  #next = 0;
  #wroteLast = false;
  #nextWrite = 0;
  #asking: Promise<void> = Promise.resolve();
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
    this.#coils = setup.modules.map(({ outputs }) =>
      outputs ? new Coils(outputs, setup.clock) : null,
    );
  }

  /** One a module that has a lamp or buzzer. */
  get indicators(): readonly Indicator[] {
    return this.#coils.flatMap((coils) => coils?.indicator ?? []);
  }

  /** A line that is not there is a fault, never a rejection; it is looked for until `close`. */
  async open(sink: Sink): Promise<void> {
    this.#isOpen = true;
    this.#faults.open(sink);
    this.#levels.open(sink);
    for (const coils of this.#coils) coils?.indicator.open();
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
    for (const coils of this.#coils) coils?.indicator.close();
    await this.#asking;
    for (const turn of this.#turns) await this.#darken(turn);
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
    this.#turns = this.#setup.modules.map((module, n) => ({
      ...{ module, coils: this.#coils[n] ?? null, answeredMs: nowMs, askAgainMs: nowMs },
    }));
    this.#later();
  }

  /** One cause, one fault: what cannot be known without a line is not claimed. */
  #down(detail: string): void {
    this.#cancel?.();
    this.#faults.raise('absent', troubles.portAbsent(detail));
    for (const { unit } of this.#setup.modules)
      for (const fault of ['silent', 'refuses', 'output']) this.#faults.clear(`${unit}.${fault}`);
  }

  #later(): void {
    this.#cancel?.();
    if (!this.#isOpen) return;
    this.#cancel = this.#setup.clock.after(pauseMs, () => {
      this.#asking = this.#ask();
    });
  }

  /** A write that is due, unless the last request was one; else the next module in turn. One request is on
   * the line at a time. */
  async #ask(): Promise<void> {
    const nowMs = this.#nowMs();
    const turns = this.#turns;
    const write = this.#wroteLast ? null : this.#writeDue(nowMs);
    this.#wroteLast = write !== null;
    if (write) await this.#write(write.turn, write.coil);
    else await this.#readNext(nowMs);
    if (turns === this.#turns && this.#link.isUp) this.#later();
  }

  /** Modules take turns here, too: one that is not there must not hold up the light of another. */
  #writeDue(nowMs: number): { turn: Turn; coil: Coil } | null {
    const turns = this.#turns;
    for (const n of turns.keys()) {
      const at = (this.#nextWrite + n) % turns.length;
      const turn = turns[at];
      const coil = turn && turn.askAgainMs <= nowMs ? turn.coils?.next(nowMs) : null;
      if (!turn || !coil) continue;
      this.#nextWrite = at + 1;
      return { turn, coil };
    }
    return null;
  }

  async #readNext(nowMs: number): Promise<void> {
    const turns = this.#turns;
    const due = turns.findIndex(
      (_, n) => (turns[(this.#next + n) % turns.length]?.askAgainMs ?? 0) <= nowMs,
    );
    const turn = turns[(this.#next + due) % turns.length];
    if (due < 0 || !turn) return;
    this.#next = (this.#next + due + 1) % turns.length;
    await this.#read(turn);
  }

  /** Inputs; of a module that has none in use its outputs, so that its silence is noticed as soon. */
  async #read(turn: Turn): Promise<void> {
    const { unit, inputs } = turn.module;
    const hasInputs = Object.keys(inputs).length > 0;
    const numbers = hasInputs ? Object.keys(inputs).map(Number) : numbersOf(turn.coils);
    const first = Math.min(...numbers);
    const place = [first - 1, Math.max(...numbers) - first + 1] as const;
    try {
      this.#client?.setID(unit);
      const answer = hasInputs
        ? await this.#client?.readDiscreteInputs(...place)
        : await this.#client?.readCoils(...place);
      if (!this.#isOpen || !answer) return;
      this.#answered(turn);
      this.#faults.clear(`${unit}.refuses`);
      const nowMs = this.#nowMs();
      const levelOf = (number: number) => answer.data[number - first] ?? false;
      if (!hasInputs)
        for (const coil of turn.coils?.all ?? []) coil.is(levelOf(coil.number), nowMs);
      for (const [number, input] of Object.entries(inputs))
        this.#levels.take(input, levelOf(Number(number)), nowMs);
    } catch (error) {
      if (this.#isOpen && this.#link.isUp) this.#failed(turn, error, 'refuses');
    }
  }

  async #write(turn: Turn, coil: Coil): Promise<void> {
    const { unit } = turn.module;
    const isOn = coil.isWanted;
    try {
      this.#client?.setID(unit);
      await this.#client?.writeCoil(coil.number - 1, isOn);
      if (!this.#isOpen) return;
      coil.is(isOn, this.#nowMs());
      this.#answered(turn);
      this.#faults.clear(`${unit}.output`);
    } catch (error) {
      if (!this.#isOpen || !this.#link.isUp) return;
      // What it refuses is not tried again before it is due anyway.
      if (isException(error)) coil.is(isOn, this.#nowMs());
      this.#failed(turn, error, 'output');
    }
  }

  /** At the end; a module that does not answer any more is left as it is. */
  async #darken({ module, coils }: Turn): Promise<void> {
    for (const coil of coils?.all ?? []) {
      if (!this.#link.isUp || this.#faults.has(`${module.unit}.silent`)) return;
      this.#client?.setID(module.unit);
      const isDark = this.#client?.writeCoil(coil.number - 1, false);
      if (!(await isDark?.then(() => true, isException))) return;
    }
  }

  #answered(turn: Turn): void {
    turn.answeredMs = this.#nowMs();
    this.#faults.clear(`${turn.module.unit}.silent`);
  }

  #failed(turn: Turn, error: unknown, what: 'refuses' | 'output'): void {
    const { unit } = turn.module;
    const nowMs = this.#nowMs();
    if (isException(error)) {
      this.#answered(turn);
      this.#faults.raise(`${unit}.${what}`, troubles.refusingModule(unit, error.message));
      if (what === 'refuses') turn.askAgainMs = nowMs + silentEveryMs;
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

const numbersOf = (coils: Coils | null): number[] => coils?.all.map(({ number }) => number) ?? [];

/** The module answered, with an exception of the protocol (its numbers are 1 to 11). */
const isException = (error: unknown): error is Error =>
  error instanceof Error && 'modbusCode' in error && typeof error.modbusCode === 'number';
