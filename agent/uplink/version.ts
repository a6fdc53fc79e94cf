// Which version of MQTT the next try at a broker speaks. 5 wherever it can be had; 3.1.1 where the broker
// refuses 5, or twice closes the connection without an answer, as some old ones do. What was found out
// holds until an hour has passed and the link is lost anyway: the broker may have been updated. Pure.

/** The version byte of CONNECT; 4 is MQTT 3.1.1. */
export type Level = 4 | 5;

export const fiveAgainMs = 3_600_000;
const silentMax = 2;

export interface Ended {
  /** Reason code of a CONNACK that refused, or null. */
  readonly refusedCode: number | null;
  /** Closed without an answer; not so where nothing could be reached. */
  readonly silent: boolean;
}

/** CONNACK: unacceptable protocol version, in the codes of 3.1.1 and of 5. */
const refusesVersion = (code: number | null): boolean => code === 1 || code === 132;

export class Version {
  #level: Level = 5;
  #silent = 0;
  #fourWorked = false;
  #fiveTriedMs = Number.NEGATIVE_INFINITY;

  get level(): Level {
    return this.#level;
  }

  /** A try failed; true where only the version was wrong, so that the next may follow at once. */
  failed({ refusedCode, silent }: Ended, nowMs: number): boolean {
    this.#silent = silent ? this.#silent + 1 : 0;
    const wrong = refusesVersion(refusedCode);
    if (this.#level === 4) {
      if (wrong || (silent && !this.#fourWorked)) this.#use(5);
      return false;
    }
    if (!wrong && this.#silent < (this.#fourWorked ? 1 : silentMax)) return false;
    this.#use(4);
    this.#fiveTriedMs = nowMs;
    return true;
  }

  up(): void {
    this.#silent = 0;
    this.#fourWorked = this.#level === 4;
  }

  /** A link went. Nothing is tried out while an alarm waits. */
  lost(nowMs: number, alarmWaiting: boolean): void {
    if (this.#level === 4 && !alarmWaiting && nowMs - this.#fiveTriedMs >= fiveAgainMs)
      this.#use(5);
  }

  #use(level: Level): void {
    this.#level = level;
    this.#silent = 0;
  }
}
