// Keeps one line open: says why it cannot be had, and tries again until it can. Retries grow apart to
// five seconds and never end; a line that is lost later is the same case.

import type { Clock } from '../ports.ts';
import { LineTrouble } from './kernel.ts';

const retryMs = 500;
const retryMaxMs = 5000;

export interface KeeperParts<L> {
  readonly clock: Clock;
  /** Throws a `LineTrouble`. */
  open(): L;
  /** May throw a `LineTrouble`, too: then the line counts as lost. */
  up(line: L): void;
  /** Told with each failed try; not at `close`. */
  down(trouble: LineTrouble): void;
}

export class Keeper<L extends { close(): void }> {
  readonly #parts: KeeperParts<L>;
  #line: L | null = null;
  #failures = 0;
  #cancel: (() => void) | null = null;

  constructor(parts: KeeperParts<L>) {
    this.#parts = parts;
  }

  get line(): L | null {
    return this.#line;
  }

  /** The first try is made before it returns. */
  open(): void {
    this.#cancel = null;
    this.#try(() => {
      const line = this.#parts.open();
      this.#line = line;
      this.#parts.up(line);
      this.#failures = 0;
    });
  }

  /** Does something with the line, if there is one; a trouble in it is the loss of the line. */
  use(act: (line: L) => void): void {
    const line = this.#line;
    if (line) this.#try(() => act(line));
  }

  lost(trouble: LineTrouble): void {
    this.#line?.close();
    this.#line = null;
    this.#cancel?.();
    const delayMs = Math.min(retryMs * 2 ** this.#failures, retryMaxMs);
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#cancel = this.#parts.clock.after(delayMs, () => this.open());
    this.#parts.down(trouble);
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#line?.close();
    this.#line = null;
  }

  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof LineTrouble)) throw error;
      this.lost(error);
    }
  }
}
