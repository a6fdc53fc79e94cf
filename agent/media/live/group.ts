// The group of pictures that is on air: from the last key picture to now, so that a viewer who comes
// in the middle of it sees a picture at once. Bounded: of a group that is too long only its key picture
// is kept, as a still, and whoever joins waits for the next.

export interface Picture {
  /** 90 kHz; rises from picture to picture. */
  readonly ticks: number;
  readonly key: boolean;
  /** RTP payloads in their order. */
  readonly payloads: readonly Buffer[];
  readonly bytes: number;
}

export const groupLimits = { bytesMax: 6 * 1024 * 1024, ticksMax: 20 * 90_000 } as const;

export class Group {
  #pictures: Picture[] = [];
  #bytes = 0;
  #isWhole = false;

  /** From the key picture on; none where there has been none. */
  get pictures(): readonly Picture[] {
    return this.#pictures;
  }

  /** What comes next can be decoded after these. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  push(picture: Picture): void {
    if (picture.key) {
      this.#pictures = [picture];
      this.#bytes = picture.bytes;
      this.#isWhole = true;
      return;
    }
    const [first] = this.#pictures;
    if (!this.#isWhole || !first) return;
    this.#bytes += picture.bytes;
    const isLong = picture.ticks - first.ticks > groupLimits.ticksMax;
    if (isLong || this.#bytes > groupLimits.bytesMax) this.cut();
    else this.#pictures.push(picture);
  }

  /** A picture is missing: what follows cannot be decoded before the next key picture. */
  cut(): void {
    this.#pictures.length = Math.min(this.#pictures.length, 1);
    this.#isWhole = false;
  }

  clear(): void {
    this.#pictures = [];
    this.#isWhole = false;
  }
}
