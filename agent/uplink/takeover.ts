// Does another client use our client id? Then the broker ends our link for its sake, we take it back, and
// so on: the pauses must grow. A broker of MQTT 5 may say so (DISCONNECT 142); mosquitto 2.0 and all of
// 3.1.1 just close, so links that are cut short again and again, by a broker that takes our very next
// login, count as well. Pure: times come in.

export const takeoverTimes = {
  /** A link that ended sooner was cut short. */
  shortMs: 60_000,
  /** Cut short so often in a row: told, and the pauses grow. */
  lives: 3,
  pauseMs: 10_000,
  pauseMsMax: 300_000,
  /** A link that lasted this long: whoever it was is gone. */
  goneMs: 600_000,
} as const;

export class Takeover {
  #upMs = 0;
  #said = false;
  /** Links in a row that were cut short. */
  #short = 0;
  /** Pauses so far. */
  #pauses = 0;

  up(nowMs: number): void {
    this.#upMs = nowMs;
    this.#said = false;
  }

  /** The broker says that our session was taken over. */
  said(): void {
    this.#said = true;
  }

  /** The next try failed: then the broker itself was gone. */
  failed(): void {
    this.#short = 0;
  }

  /** The link went; `silently`: closed by the broker without a word. True where we were taken over. */
  lost(nowMs: number, silently: boolean): boolean {
    const lifeMs = nowMs - this.#upMs;
    if (lifeMs >= takeoverTimes.goneMs) this.#pauses = 0;
    this.#short = silently && lifeMs < takeoverTimes.shortMs ? this.#short + 1 : 0;
    const taken = this.#said || this.#short >= takeoverTimes.lives;
    if (taken) this.#pauses += 1;
    return taken;
  }

  /** How long to wait before it is taken back. Half of it is certain. */
  pauseMs(chance: number): number {
    const { pauseMs, pauseMsMax } = takeoverTimes;
    const ms = Math.min(pauseMsMax, pauseMs * 2 ** Math.min(this.#pauses - 1, 10));
    return Math.round(ms * (0.5 + chance / 2));
  }
}
