// A driver's own list of faults: each is told once when it comes and once when it goes.

import type { Sink } from '../ports.ts';

export class Faults {
  readonly #prefix: string;
  readonly #raised = new Set<string>();
  #sink: Sink | null = null;

  /** `prefix` such as `box.desk`; the faults are `box.desk.absent` .. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Begins with none. */
  open(sink: Sink): void {
    this.#sink = sink;
    this.#raised.clear();
  }

  has(name: string): boolean {
    return this.#raised.has(name);
  }

  /** `detail`: what, why, what to do. */
  raise(name: string, detail: string): void {
    if (this.#raised.has(name)) return;
    this.#raised.add(name);
    this.#sink?.emit({ kind: 'fault.raised', fault: `${this.#prefix}.${name}`, detail });
  }

  clear(name: string): void {
    if (!this.#raised.delete(name)) return;
    this.#sink?.emit({ kind: 'fault.cleared', fault: `${this.#prefix}.${name}` });
  }
}
