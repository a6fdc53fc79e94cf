// A chip in memory, behind the same seam as the kernel's: lines that a test moves and reads, that somebody
// else holds, that go away with their chip, or that have no interrupts.

import {
  type Bias,
  type EdgeListener,
  type Kernel,
  type Level,
  LineTrouble,
  nameOf,
  type OpenInput,
  type OpenOutput,
  type Place,
  type Survey,
} from '#agent/gpio/kernel.ts';
import type { Clock } from '#agent/ports.ts';

export interface SimLine {
  level: Level;
  bias: Bias | null;
  /** Who holds it, ours included. */
  holder: string | null;
  hasInterrupts: boolean;
  isOutput: boolean;
  /** Levels that it was set to as an output, with the time of each. */
  readonly set: { readonly level: Level; readonly atMs: number }[];
  listener: EdgeListener | null;
}

export const place = (line: string): Place => ({ line, chip: null, offset: null });

export class SimChip implements Kernel {
  readonly driver = 'chardev';
  readonly #clock: Clock;
  readonly #lines = new Map<string, SimLine>();
  #isThere = true;
  /** How often a line was asked for its level. */
  asked = 0;
  label = 'sim';
  /** Lines that were asked for, in order. */
  readonly opened: string[] = [];

  constructor(clock: Clock, names: readonly string[]) {
    this.#clock = clock;
    for (const name of names)
      this.#lines.set(name, {
        ...{ level: 0, bias: null, holder: null, hasInterrupts: true, isOutput: false },
        ...{ set: [], listener: null },
      });
  }

  line(name: string): SimLine {
    const line = this.#lines.get(name);
    if (!line) throw new RangeError(`no line ${name}`);
    return line;
  }

  /** An edge from outside; told at once where the line has interrupts. */
  drive(name: string, level: Level, lost = 0): void {
    const line = this.line(name);
    if (line.level === level && lost === 0) return;
    line.level = level;
    if (line.hasInterrupts) line.listener?.edge(level, this.#clock.now().monoMs, lost);
  }

  /** As `drive`, but the interrupt never comes. */
  slip(name: string, level: Level): void {
    this.line(name).level = level;
  }

  pull(): void {
    this.#isThere = false;
    for (const line of this.#lines.values()) line.listener?.gone(new LineTrouble('pulled'));
  }

  plug(): void {
    this.#isThere = true;
  }

  survey(): Survey {
    const lines = [...this.#lines].map(([name, { holder, isOutput }], offset) => ({
      ...{ chip: 'gpiochip0', label: this.label, offset, name, usedBy: holder, isOutput },
    }));
    return { lines: this.#isThere ? lines : [], closed: [] };
  }

  input(at: Place, bias: Bias, listener: EdgeListener): OpenInput {
    const line = this.#take(at);
    Object.assign(line, { bias, listener });
    return {
      where: nameOf(at),
      hasEdges: line.hasInterrupts,
      level: () => {
        this.asked++;
        this.#mustBeThere();
        return line.level;
      },
      close: () => Object.assign(line, { holder: null, listener: null }),
    };
  }

  output(at: Place, level: Level): OpenOutput {
    const line = this.#take(at);
    const set = (next: Level) => {
      this.#mustBeThere();
      line.level = next;
      line.set.push({ level: next, atMs: this.#clock.now().monoMs });
    };
    set(level);
    return { where: nameOf(at), set, close: () => Object.assign(line, { holder: null }) };
  }

  #mustBeThere(): void {
    if (!this.#isThere) throw new LineTrouble('no chip. Plug it in');
  }

  #take(at: Place): SimLine {
    this.#mustBeThere();
    const [name = '', line] =
      [...this.#lines].find(([own], n) => own === at.line || n === at.offset) ?? [];
    if (!line) throw new LineTrouble(`there is no ${nameOf(at)}`);
    this.opened.push(name);
    if (line.holder !== null) throw new LineTrouble(`in use by ${line.holder}`);
    line.holder = 'us';
    return line;
  }
}
