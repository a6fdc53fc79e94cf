// Asks the worker to prune, from the loop: between turns, a batch at a time, never while an incident is
// open or the disk is behind. Signs the checkpoints, since the key is here.

import type { Clock } from '../ports.ts';
import type { ChainAt } from './chain.ts';
import type { Checkpoint, Pruned, PruneRequest } from './protocol.ts';

/** Turns between two looks; an idle terminal makes none. */
const everyTurns = 64;
/** After the turn that made it due, and between two batches: what they write is copied back in between,
 * and a press has to wait for that less than once in a hundred times. */
const pauseMsDefault = 500;

export interface HousekeepingOptions {
  readonly clock: Clock;
  /** No open incident, nothing behind. */
  readonly quiet: () => boolean;
  readonly sign: (at: ChainAt) => Checkpoint;
  readonly ask: (request: PruneRequest) => void;
  readonly pauseMs: number | undefined;
}

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  /** Looks at the first turn, too. */
  #turns = everyTurns - 1;
  #wants: ChainAt | null = null;
  #cancel: (() => void) | null = null;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  /** A turn was made. */
  turned(): void {
    this.#turns++;
    if (this.#turns >= everyTurns) this.#soon();
  }

  readonly pruned = ({ wants, more }: Pruned): void => {
    this.#wants = wants;
    if (wants || more) this.#soon();
  };

  close(): void {
    this.#cancel?.();
    this.#turns = Number.NEGATIVE_INFINITY;
  }

  #soon(): void {
    if (this.#cancel || this.#turns === Number.NEGATIVE_INFINITY) return;
    const { clock, pauseMs = pauseMsDefault } = this.#options;
    this.#cancel = clock.after(pauseMs, () => {
      this.#cancel = null;
      this.#look();
    });
  }

  #look(): void {
    const { clock, quiet, sign, ask } = this.#options;
    // Whatever happens meanwhile makes turns, and the last of them looks again.
    if (!quiet()) return;
    this.#turns = 0;
    const { wallMs, clock: quality } = clock.now();
    const checkpoint = this.#wants ? sign(this.#wants) : null;
    this.#wants = null;
    ask({ wallMs: quality === 'good' ? wallMs : null, checkpoint });
  }
}
