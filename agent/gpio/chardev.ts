// Lines through the character device: opened by name, edges with the kernel's own time, queued there
// while our loop is busy. A chip without interrupts gives a line whose level has to be asked for.

import { closeSync, readSync } from 'node:fs';
import type { Clock } from '../ports.ts';
import {
  eventBytes,
  eventsOf,
  inputRequest,
  levelOf,
  lineFdOf,
  outputRequest,
  queuedEdgesMax,
  requests,
  valuesRequest,
} from './abi.ts';
import { chipsHere, type Found, find, lineInfo, linesOf, withChip } from './chips.ts';
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
  restMs,
  type Survey,
} from './kernel.ts';
import type { Native } from './native.ts';
import * as troubles from './troubles.ts';

/** Events taken over in one read. */
const eventsAtOnce = 64;

export class CharDevice implements Kernel {
  readonly driver = 'chardev';
  readonly #native: Native;
  readonly #clock: Clock;

  constructor(native: Native, clock: Clock) {
    this.#native = native;
    this.#clock = clock;
  }

  survey(): Survey {
    const { chips, closed } = chipsHere(this.#native);
    const lines = chips.flatMap((chip) =>
      ask(chip.path, () => linesOf(this.#native, chip)).map((line) => ({
        ...{ chip: chip.name, label: chip.label },
        ...line,
      })),
    );
    return { lines, closed };
  }

  input(place: Place, bias: Bias, listener: EdgeListener): OpenInput {
    const found = this.#find(place);
    const { offset } = found;
    try {
      const fd = this.#open(found, inputRequest(offset, bias, true));
      const parts = { native: this.#native, clock: this.#clock, listener };
      return new EdgeInput(parts, fd, whereOf(found));
    } catch (error) {
      // Whatever the chip says against edges (ENXIO, ENODEV, EINVAL): without them, or not at all.
      if (!(error instanceof LineTrouble)) throw error;
      const fd = this.#open(found, inputRequest(offset, bias, false));
      return new DeafInput(this.#native, fd, whereOf(found));
    }
  }

  output(place: Place, level: Level): OpenOutput {
    const found = this.#find(place);
    const native = this.#native;
    const where = whereOf(found);
    const fd = this.#open(found, outputRequest(found.offset, level));
    return {
      where,
      set: (next) => ask(where, () => native.ioctl(fd, requests.setValues, valuesRequest(next))),
      close: () => closeSync(fd),
    };
  }

  /** A chip may be pulled between two looks at it. */
  #find(place: Place): Found {
    return ask(nameOf(place), () => find(this.#native, place));
  }

  #open(found: Found, request: Buffer): number {
    const { chip, offset } = found;
    const open = (fd: number): number => {
      try {
        this.#native.ioctl(fd, requests.openLine, request);
        return lineFdOf(request);
      } catch (error) {
        const code = troubles.codeOf(error);
        const usedBy = code === 'EBUSY' ? lineInfo(this.#native, fd, offset).usedBy : null;
        throw usedBy === null
          ? troubles.refused(whereOf(found), code)
          : troubles.inUse(whereOf(found), usedBy);
      }
    };
    return ask(whereOf(found), () => withChip(chip.path, open));
  }
}

const whereOf = ({ chip, offset }: Found): string => `${chip.name} (${chip.label}) line ${offset}`;

function ask<T>(where: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof LineTrouble) throw error;
    throw troubles.gone(where, troubles.codeOf(error));
  }
}

/** No edges: the level is all there is. */
class DeafInput implements OpenInput {
  readonly hasEdges: boolean = false;
  readonly where: string;
  readonly #native: Native;
  readonly #fd: number;
  readonly #values = valuesRequest(0);

  constructor(native: Native, fd: number, where: string) {
    this.#native = native;
    this.#fd = fd;
    this.where = where;
  }

  level(): Level {
    return ask(this.where, () => {
      this.#native.ioctl(this.#fd, requests.getValues, this.#values);
      return levelOf(this.#values);
    });
  }

  close(): void {
    closeSync(this.#fd);
  }
}

interface EdgeParts {
  readonly native: Native;
  readonly clock: Clock;
  readonly listener: EdgeListener;
}

class EdgeInput extends DeafInput {
  override readonly hasEdges = true;
  readonly #parts: EdgeParts;
  readonly #fd: number;
  readonly #events = Buffer.alloc(eventBytes * eventsAtOnce);
  readonly #watch: unknown;
  #cancelRest: (() => void) | null = null;
  #seq = 0;
  #isOpen = true;

  constructor(parts: EdgeParts, fd: number, where: string) {
    super(parts.native, fd, where);
    this.#parts = parts;
    this.#fd = fd;
    this.#watch = parts.native.watch(fd, (failed) => this.#ready(failed));
  }

  override level(): Level {
    this.#read();
    if (!this.#isOpen) throw troubles.gone(this.where, 'ENODEV');
    return super.level();
  }

  override close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#cancelRest?.();
    this.#parts.native.unwatch(this.#watch);
    super.close();
  }

  #ready(failed: boolean): void {
    const { native, clock, listener } = this.#parts;
    if (failed) return listener.gone(troubles.gone(this.where, 'ENODEV'));
    this.#read();
    if (this.#isOpen) this.#cancelRest = clock.after(restMs, () => native.arm(this.#watch));
  }

  /** Hands over what is queued, one queue full at most: chatter must not hold the loop for ever. */
  #read(): void {
    for (let round = 0; round < queuedEdgesMax / eventsAtOnce; round++) {
      const length = this.#isOpen ? this.#readOnce() : 0;
      for (const { level, atMs, seq } of eventsOf(this.#events, length)) {
        const lost = (seq - this.#seq - 1) >>> 0;
        this.#seq = seq;
        this.#parts.listener.edge(level, atMs, lost);
      }
      if (length < this.#events.length) return;
    }
  }

  #readOnce(): number {
    try {
      return readSync(this.#fd, this.#events);
    } catch (error) {
      const code = troubles.codeOf(error);
      if (code !== 'EAGAIN') this.#parts.listener.gone(troubles.gone(this.where, code));
      return 0;
    }
  }
}
