// The last lines of the log, for a support bundle: half a megabyte in memory, the oldest go first. Numbered,
// so that they can be fetched piece by piece.

export const recentBytesMax = 512 * 1024;
/** A longer line is kept in part. */
const lineCharsMax = 4_000;

export class Recent {
  #lines: string[] = [];
  #bytes = 0;
  /** Lines that have gone. */
  #gone = 0;

  add(line: string): void {
    const text = line.trimEnd().slice(0, lineCharsMax);
    this.#lines.push(text);
    this.#bytes += text.length;
    if (this.#bytes <= recentBytesMax) return;
    // A quarter at once: to move the others for each line would cost more than the line.
    let drop = 0;
    for (; this.#bytes > recentBytesMax * 0.75 && drop < this.#lines.length; drop += 1)
      this.#bytes -= this.#lines[drop]?.length ?? 0;
    this.#lines = this.#lines.slice(drop);
    this.#gone += drop;
  }

  /** Lines from a number on, so many characters; `next`: where it goes on, null: that was all. */
  page(from: number, chars: number): { lines: readonly string[]; next: number | null } {
    const first = Math.max(0, from - this.#gone);
    let [end, taken] = [first, 0];
    while (end < this.#lines.length && taken < chars) {
      taken += this.#lines[end]?.length ?? 0;
      end += 1;
    }
    const next = end < this.#lines.length ? this.#gone + end : null;
    return { lines: this.#lines.slice(first, end), next };
  }
}
