// A simulated GPIO line of the guest, from the side that the daemon does not see: the button's contact,
// or what a lamp shows. Edges carry the guest's CLOCK_MONOTONIC.

import type { Machine } from './machine.ts';

export interface Edge {
  readonly atMs: number;
  readonly level: 0 | 1;
}

export class Line {
  readonly #machine: Machine;
  readonly #place: string;

  /** `number`: 0 to 7 of gate-sim, n0 to n7 of gate-noirq. */
  constructor(machine: Machine, number: string) {
    this.#machine = machine;
    this.#place = `$(line ${number})`;
  }

  async pull(way: 'up' | 'down'): Promise<void> {
    await this.#machine.sh(`echo pull-${way} >${this.#place}/pull`);
  }

  /** So many edges in turn, so far apart. */
  async wave(edges: number, periodUs: number): Promise<Edge[]> {
    const command = `gpio-wave ${this.#place}/pull ${edges} ${periodUs}`;
    const text = await this.#machine.sh(command, 180_000 + (edges * periodUs * 2) / 1000);
    return edgesOf(text);
  }

  /** What changes on it for so long. */
  async watch(seconds: number): Promise<Edge[]> {
    return edgesOf(await this.#machine.sh(`line-watch ${this.#place}/value ${seconds}`));
  }
}

const edgesOf = (text: string): Edge[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [at, level] = line.split(' ').map(Number);
      return { atMs: Number(at) / 1e6, level: level === 1 ? 1 : 0 };
    });
