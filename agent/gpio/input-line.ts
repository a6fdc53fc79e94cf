// One line that is read: level at start, edges as the kernel tells them, the level asked for again now and
// then; where the chip has no interrupts, asked for often instead.

import type { Clock } from '../ports.ts';
import { Keeper } from './keeper.ts';
import type { Bias, Kernel, Level, LineTrouble, OpenInput, Place } from './kernel.ts';

/** A chip without interrupts is looked at this often; the shortest press that people make is 50 ms. */
export const pollMs = 10;
/** An edge that never came is found this late. */
export const rereadMs = 1000;
/** Levels that changed without an edge before the line counts as one without interrupts. */
const missedMax = 3;

export interface InputLineParts {
  readonly place: Place;
  readonly bias: Bias;
  readonly clock: Clock;
  readonly kernel: Kernel;
  /** The line has taken this level; the first call tells the level at start. */
  level(level: Level, atMs: number): void;
  up(): void;
  down(trouble: LineTrouble): void;
}

export interface LineFigures {
  /** As the configuration names it. */
  readonly place: Place;
  /** null while the line cannot be had. */
  readonly where: string | null;
  readonly mode: 'edge' | 'polled' | 'output';
  readonly level: Level | null;
  readonly edges: number;
  /** Edges that the kernel dropped, or never told. */
  readonly lost: number;
}

export class InputLine {
  readonly #parts: InputLineParts;
  readonly #keeper: Keeper<OpenInput>;
  #level: Level | null = null;
  #isPolled = false;
  #edges = 0;
  #lost = 0;
  #missed = 0;
  #lookAtMs = 0;

  constructor(parts: InputLineParts) {
    this.#parts = parts;
    const { kernel, place, bias, clock } = parts;
    const listener = {
      edge: (level: Level, atMs: number, lost: number) => this.#edge(level, atMs, lost),
      gone: (trouble: LineTrouble) => this.#keeper.lost(trouble),
    };
    this.#keeper = new Keeper({
      clock,
      open: () => kernel.input(place, bias, listener),
      up: (line) => this.#up(line),
      down: (trouble) => {
        this.#level = null;
        parts.down(trouble);
      },
    });
  }

  open(): void {
    this.#keeper.open();
  }

  close(): void {
    this.#keeper.close();
  }

  get isPolled(): boolean {
    return this.#keeper.line !== null && this.#isPolled;
  }

  figures(): LineFigures {
    return {
      place: this.#parts.place,
      where: this.#keeper.line?.where ?? null,
      mode: this.#isPolled ? 'polled' : 'edge',
      level: this.#level,
      edges: this.#edges,
      lost: this.#lost,
    };
  }

  /** To be called every `pollMs` where a line is polled, else every `rereadMs`. */
  look(nowMs: number): void {
    if (!this.#isPolled && nowMs < this.#lookAtMs) return;
    this.#lookAtMs = nowMs + rereadMs - pollMs;
    this.#keeper.use((line) => {
      const edges = this.#edges;
      const level = line.level();
      const isNew = level !== this.#level;
      if (isNew && !this.#isPolled && edges === this.#edges) this.#missedOne();
      this.#take(level, nowMs);
    });
  }

  #up(line: OpenInput): void {
    this.#isPolled = !line.hasEdges;
    this.#missed = 0;
    this.#take(line.level(), this.#parts.clock.now().monoMs);
    this.#parts.up();
  }

  #missedOne(): void {
    this.#lost++;
    this.#missed++;
    if (this.#missed >= missedMax) this.#isPolled = true;
  }

  #edge(level: Level, atMs: number, lost: number): void {
    this.#edges += 1 + lost;
    this.#lost += lost;
    this.#missed = 0;
    // Edges were dropped and the level is the same: so it has been the other one meanwhile.
    if (lost > 0 && level === this.#level) this.#take(level === 1 ? 0 : 1, atMs);
    this.#take(level, atMs);
  }

  #take(level: Level, atMs: number): void {
    if (level === this.#level) return;
    this.#level = level;
    this.#parts.level(level, atMs);
  }
}
