// A lossy disk on a socket, whose power goes in the middle of whatever it is being asked.

import { rmSync } from 'node:fs';
import { until } from '#test/support/wait.ts';
import { type CutFigures, LossyDisk, type LossyOptions } from './lossy.ts';
import { NbdServer } from './nbd.ts';

/** Without a request the power goes all the same. */
const idleMs = 1000;

export class ServedDisk {
  readonly #disk: LossyDisk;
  readonly #server: NbdServer;
  readonly #path: string;
  #requestsLeft = Number.POSITIVE_INFINITY;
  #atCut = (): void => {};
  #figures: CutFigures | null = null;

  constructor(options: LossyOptions, path: string) {
    this.#path = path;
    this.#disk = new LossyDisk(options);
    this.#server = new NbdServer(this.#disk, () => {
      this.#requestsLeft -= 1;
      if (this.#requestsLeft < 0) this.#cut();
    });
  }

  /** What QEMU names it. */
  get address(): string {
    return `nbd+unix:///?socket=${this.#path}`;
  }

  async open(): Promise<void> {
    rmSync(this.#path, { force: true });
    await this.#server.listen(this.#path);
  }

  /** The power goes after so many more requests. `atCut` stops whoever writes, at the same moment. */
  async cutAfter(requests: number, atCut: () => void): Promise<CutFigures> {
    this.#atCut = atCut;
    this.#requestsLeft = requests;
    const endMs = performance.now() + idleMs;
    await until(() => this.#figures || performance.now() > endMs, {
      withinMs: 20_000,
      what: 'the cut',
    });
    return this.#cut();
  }

  #cut(): CutFigures {
    if (this.#figures) return this.#figures;
    this.#atCut();
    this.#figures = this.#disk.cut();
    this.#server.cut();
    return this.#figures;
  }
}
