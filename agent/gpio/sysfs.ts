// Lines through the old interface, /sys/class/gpio, by onoff: for kernels that have nothing else. It knows
// no names, no bias, no queue and no time of an edge; that there was one is all that is known of what comes
// and goes while our loop is busy. A chip is found by its label, for its number differs between kernels.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Gpio as Onoff } from 'onoff';
import type { Clock } from '../ports.ts';
import {
  type Bias,
  type EdgeListener,
  type Kernel,
  type Level,
  type OpenInput,
  type OpenOutput,
  type Place,
  restMs,
  type SeenLine,
  type Survey,
} from './kernel.ts';
import * as troubles from './troubles.ts';

const root = '/sys/class/gpio';
type OnoffClass = new (...args: ConstructorParameters<typeof Onoff>) => Onoff;

interface Chip {
  readonly label: string;
  readonly base: number;
  readonly lines: number;
}

export const hasSysfs = (): boolean => existsSync(join(root, 'export'));
export const hasSysfsChips = (): boolean => hasSysfs() && chipsHere().length > 0;

export class Sysfs implements Kernel {
  readonly driver = 'sysfs';
  readonly #onoff: OnoffClass;
  readonly #clock: Clock;

  constructor(onoff: OnoffClass, clock: Clock) {
    this.#onoff = onoff;
    this.#clock = clock;
  }

  survey(): Survey {
    const offsets = ({ lines }: Chip) => Array.from({ length: lines }, (_, offset) => offset);
    const lines = chipsHere().flatMap((chip) =>
      offsets(chip).map((offset) => lineAt(chip, offset)),
    );
    return { lines, closed: [] };
  }

  input(place: Place, _bias: Bias, listener: EdgeListener): OpenInput {
    const { where, number } = find(place);
    const line = opened(place, where, () => new this.#onoff(number, 'in'));
    return new SysfsInput({ line, where, listener, clock: this.#clock });
  }

  output(place: Place, level: Level): OpenOutput {
    const { where, number } = find(place);
    const line = opened(place, where, () => new this.#onoff(number, level === 1 ? 'high' : 'low'));
    return {
      where,
      set: (next) => asked(where, () => line.writeSync(next)),
      close: () => line.unexport(),
    };
  }
}

function opened<T>(place: Place, where: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    const code = troubles.codeOf(error);
    if (code === 'EBUSY') throw troubles.inUse(where, '');
    throw ['EACCES', 'EPERM', 'EROFS'].includes(code)
      ? troubles.noSysfs(place)
      : troubles.refused(where, code);
  }
}

function asked<T>(where: string, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw troubles.gone(where, troubles.codeOf(error));
  }
}

interface InputParts {
  readonly line: Onoff;
  readonly where: string;
  readonly listener: EdgeListener;
  readonly clock: Clock;
}

class SysfsInput implements OpenInput {
  readonly hasEdges: boolean;
  readonly #parts: InputParts;
  #last: Level | null = null;
  #cancelRest: (() => void) | null = null;
  #isOpen = true;

  constructor(parts: InputParts) {
    const { line } = parts;
    this.#parts = parts;
    this.hasEdges = wantsEdges(line);
    if (!this.hasEdges) return;
    // onoff reads in a callback of its own, where an error would end the process: the line of a chip that
    // is pulled cannot be read any more.
    const read = line.readSync.bind(line);
    line.readSync = () => {
      try {
        return read();
      } catch (error) {
        this.#gone(error);
        return 0;
      }
    };
    this.#watch();
  }

  get where(): string {
    return this.#parts.where;
  }

  level(): Level {
    const { line, where } = this.#parts;
    const level = asked(where, () => line.readSync());
    if (!this.#isOpen) throw troubles.gone(where, 'ENODEV');
    this.#last = level;
    return level;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#cancelRest?.();
    this.#parts.line.unexport();
  }

  #watch(): void {
    const { line, listener, clock } = this.#parts;
    line.watch((_error, level) => {
      if (!this.#isOpen) return;
      line.unwatchAll();
      // Woken by an edge and back at the same level: so it has been the other one meanwhile.
      const lost = level === this.#last ? 1 : 0;
      this.#last = level;
      listener.edge(level, clock.now().monoMs, lost);
      if (this.#isOpen) this.#cancelRest = clock.after(restMs, () => this.#watch());
    });
  }

  #gone(error: unknown): void {
    const { where, listener } = this.#parts;
    if (this.#isOpen) listener.gone(troubles.gone(where, troubles.codeOf(error)));
  }
}

/** onoff passes over it in silence where a line that somebody else exported has no edges. */
function wantsEdges(line: Onoff): boolean {
  try {
    line.setEdge('both');
    return line.edge() === 'both';
  } catch {
    return false;
  }
}

function find(place: Place): { where: string; number: number } {
  const { chip: label, offset } = place;
  if (label === null || offset === null) throw troubles.noNames(place);
  const chips = chipsHere();
  const [chip, ...others] = chips.filter((one) => one.label === label);
  const names = chips.map((one) => one.label);
  if (!chip) throw names.length === 0 ? troubles.noChip(place) : troubles.noSuchChip(place, names);
  const where = `${label} line ${offset}`;
  if (others.length > 0) throw troubles.severalChips(place, names);
  if (offset >= chip.lines) throw troubles.pastTheEnd(where, chip.lines);
  return { where, number: chip.base + offset };
}

/** Only a line that is exported tells its direction; an export alone leaves that as it is. */
function lineAt({ label, base }: Chip, offset: number): SeenLine {
  const line = { chip: label, label, offset, name: '' };
  const number = String(base + offset);
  const wasExported = existsSync(join(root, `gpio${number}`));
  try {
    if (!wasExported) writeFileSync(join(root, 'export'), number);
  } catch (error) {
    const code = troubles.codeOf(error);
    if (code === 'EBUSY') return { ...line, usedBy: '', isOutput: false };
    throw troubles.noSysfs({ line: null, chip: label, offset });
  }
  try {
    const direction = readFileSync(join(root, `gpio${number}`, 'direction'), 'utf8').trim();
    return { ...line, usedBy: wasExported ? 'sysfs' : null, isOutput: direction === 'out' };
  } catch (error) {
    throw troubles.gone(`${label} line ${offset}`, troubles.codeOf(error));
  } finally {
    if (!wasExported) writeFileSync(join(root, 'unexport'), number);
  }
}

const chipsHere = (): Chip[] =>
  readdirSync(root)
    .filter((name) => name.startsWith('gpiochip'))
    .map((name) => {
      const read = (file: string) => readFileSync(join(root, name, file), 'utf8').trim();
      return { label: read('label'), base: Number(read('base')), lines: Number(read('ngpio')) };
    });
