// A figure that is a fault when it has been bad for a while, and none when it has been well for a while: what
// swings around its limit is told once. Pure: looks come in.

/** Looks in a row that must agree; one a minute. */
export const looksNeeded = 3;

export class Gauge {
  #isBad = false;
  #against = 0;

  get isBad(): boolean {
    return this.#isBad;
  }

  /** One look: is it bad, is it well? Neither, or an unknown figure: it stays as it is. */
  look({ bad, well }: { readonly bad: boolean; readonly well: boolean }): boolean {
    const differs = this.#isBad ? well : bad;
    this.#against = differs ? this.#against + 1 : 0;
    if (this.#against >= looksNeeded) {
      this.#isBad = !this.#isBad;
      this.#against = 0;
    }
    return this.#isBad;
  }
}
