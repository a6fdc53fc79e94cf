// How much of what arrives can be read, over the last seconds. One burst of noise is weather;
// noise that goes on is a wrong speed, a wrong cable, or something else on the line.

export const bucketMs = 1000;
const buckets = 5;
/** Unreadable bytes in this many of the last five seconds, and more of them than readable ones. */
const noisyBuckets = 3;
const clearShare = 0.1;

interface Bucket {
  good: number;
  bad: number;
}

export class LineQuality {
  #buckets: Bucket[] = [{ good: 0, bad: 0 }];

  good(bytes: number): void {
    const now = this.#buckets[0];
    if (now) now.good += bytes;
  }

  bad(bytes: number): void {
    const now = this.#buckets[0];
    if (now) now.bad += bytes;
  }

  /** Call once every `bucketMs`. True or false where it is clear, null in between. */
  judge(): boolean | null {
    const good = this.#sum('good');
    const bad = this.#sum('bad');
    const noisy = this.#buckets.filter((bucket) => bucket.bad > 0).length;
    this.#buckets = [{ good: 0, bad: 0 }, ...this.#buckets].slice(0, buckets);
    if (noisy >= noisyBuckets && bad > good) return true;
    return good > 0 && bad <= good * clearShare ? false : null;
  }

  /** Unreadable bytes of the last seconds. */
  get badBytes(): number {
    return this.#sum('bad');
  }

  reset(): void {
    this.#buckets = [{ good: 0, bad: 0 }];
  }

  #sum(what: keyof Bucket): number {
    return this.#buckets.reduce((sum, bucket) => sum + bucket[what], 0);
  }
}
