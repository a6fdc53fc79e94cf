// Which of two brokers is used, and when the other is tried. Pure: times and events come in.
// Rules: away from a broker that fails three times in a row, or once while an alarm waits, or that has
// not taken a waiting alarm in 10 s, or whose platform has not received one in two minutes; back to the
// first only after it has been tested, several times, and never while an alarm is without its receipt.

export const failoverTimes = {
  /** Tries that fail in a row: unreachable, refused, or connected and never acknowledging. */
  failuresMax: 3,
  /** An alarm that no broker has taken. Doubles with each switch that did not help. */
  untakenMs: 10_000,
  /** An alarm that a broker has taken and the platform has not received: it may be at the other one. */
  unreceiptedMs: 120_000,
  doublingsMax: 4,
  probeEveryMs: 20_000,
  /** Tests of the first broker that must go well in a row. Doubles when a return did not last. */
  probes: 3,
  probesMax: 48,
  /** A return that lasted this long was right. */
  steadyMs: 600_000,
} as const;
export type FailoverTimes = { readonly [K in keyof typeof failoverTimes]: number };

/** Where alarms stand. */
export interface AlarmNeed {
  /** One has been taken by no broker. */
  readonly untaken: boolean;
  /** One is without the platform's receipt. */
  readonly unreceipted: boolean;
}

export class Failover {
  readonly #times: FailoverTimes;
  readonly #chance: () => number;
  #at: 0 | 1 = 0;
  #failures = 0;
  /** Last switch because of an alarm that met one failure: not twice within 10 s. */
  #hurriedMs = Number.NEGATIVE_INFINITY;
  #switchedMs = Number.NEGATIVE_INFINITY;
  /** Switches for the sake of alarms since one got through. */
  #vain = 0;
  #untakenMs: number | null = null;
  #unreceiptedMs: number | null = null;
  #goodProbes = 0;
  #probesNeeded: number;
  #probeMs = Infinity;
  #returnedMs: number | null = null;

  constructor(chance: () => number, times: Partial<FailoverTimes> = {}) {
    this.#chance = chance;
    this.#times = { ...failoverTimes, ...times };
    this.#probesNeeded = this.#times.probes;
  }

  get at(): 0 | 1 {
    return this.#at;
  }

  /** A try failed, or the link ended without having proved itself. */
  failed(nowMs: number): void {
    this.#failures += 1;
    this.#probeMs = Infinity;
    this.#goodProbes = 0;
    if (this.#returnedMs === null || nowMs - this.#returnedMs > this.#times.steadyMs) return;
    this.#returnedMs = null;
    this.#probesNeeded = Math.min(this.#times.probesMax, this.#probesNeeded * 2);
  }

  /** The broker has acknowledged something on this link. */
  proven(nowMs: number): void {
    this.#failures = 0;
    if (this.#at === 1 && this.#probeMs === Infinity) this.#probeAgain(nowMs);
    if (this.#returnedMs === null || nowMs - this.#returnedMs <= this.#times.steadyMs) return;
    this.#returnedMs = null;
    this.#probesNeeded = this.#times.probes;
  }

  alarms({ untaken, unreceipted }: AlarmNeed, nowMs: number): void {
    this.#untakenMs = untaken ? (this.#untakenMs ?? nowMs) : null;
    this.#unreceiptedMs = unreceipted ? (this.#unreceiptedMs ?? nowMs) : null;
    if (!unreceipted) this.#vain = 0;
  }

  /** An alarm was taken by the broker, or received by the platform: this way is good. */
  advanced(what: 'taken' | 'received', nowMs: number): void {
    if (this.#untakenMs !== null) this.#untakenMs = nowMs;
    if (what !== 'received') return;
    if (this.#unreceiptedMs !== null) this.#unreceiptedMs = nowMs;
    this.#vain = 0;
  }

  /** Whether to go to the other broker now. */
  shouldLeave(nowMs: number): boolean {
    return this.#failures >= this.#times.failuresMax || nowMs >= this.leaveMs;
  }

  /** The other broker is used from now on. */
  switched(nowMs: number): void {
    if (this.#unreceiptedMs !== null) this.#vain += 1;
    if (this.#untakenMs !== null) this.#hurriedMs = nowMs;
    this.#moveTo(this.#at === 0 ? 1 : 0, nowMs);
  }

  /** Monotonic time at which the first broker is to be tested. */
  get probeMs(): number {
    return this.#probeMs;
  }

  /** The first broker was tested: true where it is to be used again. */
  probed(good: boolean, nowMs: number): boolean {
    if (this.#at === 0) return false;
    this.#probeAgain(nowMs);
    this.#goodProbes = good ? this.#goodProbes + 1 : 0;
    if (this.#goodProbes < this.#probesNeeded || this.#unreceiptedMs !== null) return false;
    this.#moveTo(0, nowMs);
    this.#returnedMs = nowMs;
    return true;
  }

  /** Monotonic time at which alarms alone make it leave. */
  get leaveMs(): number {
    const { untakenMs, unreceiptedMs, doublingsMax } = this.#times;
    const factor = 2 ** Math.min(this.#vain, doublingsMax);
    const since = (ms: number | null) => (ms === null ? Infinity : Math.max(ms, this.#switchedMs));
    const hurried = this.#untakenMs !== null && this.#failures > 0;
    return Math.min(
      hurried ? this.#hurriedMs + untakenMs : Infinity,
      since(this.#untakenMs) + untakenMs * factor,
      since(this.#unreceiptedMs) + unreceiptedMs * factor,
    );
  }

  #moveTo(at: 0 | 1, nowMs: number): void {
    this.#at = at;
    this.#failures = 0;
    this.#goodProbes = 0;
    this.#switchedMs = nowMs;
    this.#probeMs = Infinity;
    this.#returnedMs = null;
  }

  #probeAgain(nowMs: number): void {
    this.#probeMs = nowMs + this.#times.probeEveryMs * (1 + this.#chance() / 2);
  }
}
