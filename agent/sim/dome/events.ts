// The event service of the simulated dome: pull points with an address of their own, of which there are few;
// who asks waits until something happens. At first each tells how everything is (`Initialized`).

import { randomUUID } from 'node:crypto';

/** Something that happened, or that is so. */
export interface Notice {
  readonly topic: string;
  readonly source: readonly [name: string, value: string];
  readonly data: readonly [name: string, value: string];
}

export interface Kept extends Notice {
  readonly operation: 'Initialized' | 'Changed';
  readonly atMs: number;
}

interface PullPoint {
  readonly queue: Kept[];
  wake: () => void;
  stopTimer: () => void;
}

/** Calls after so many milliseconds; what it returns takes that back. */
export type Timers = (ms: number, call: () => void) => () => void;

export const realTimers: Timers = (ms, call) => {
  const timer = setTimeout(call, ms).unref();
  return () => clearTimeout(timer);
};

const queueMax = 200;
/** As the notes have it: 8 to 10 slots. */
export const pullPointsMax = 8;

/** Of a digital input, as ONVIF's core specification names it. */
const inputNotice = (token: string, on: boolean): Notice => ({
  topic: 'tns1:Device/Trigger/DigitalInput',
  source: ['InputToken', token],
  data: ['LogicalState', on ? 'true' : 'false'],
});

export class Events {
  /** Digital inputs: what is wired to them. */
  readonly #inputs = new Map<string, boolean>();
  /** False: it tells only what changes, as some do. */
  tellsLevels = true;
  /** How makes differ in what they tell: times as an offset of nothing, several notices in one message, a
   * subscription that is named by what is said with each call; and one whose end ends all (HA#92627). */
  readonly habits = { utcOffset: false, bundles: false, parameters: false, endsAll: false };
  readonly #points = new Map<string, PullPoint>();
  /** What is so, told to each new pull point. */
  readonly #state: () => readonly Notice[];
  readonly #now: () => number;

  readonly #after: Timers;

  /** `now`: the dome's own clock, Unix ms. */
  constructor(state: () => readonly Notice[], now: () => number, after: Timers) {
    this.#state = state;
    this.#now = now;
    this.#after = after;
  }

  /** Its id; null where all slots are taken. */
  subscribe(forMs: number): string | null {
    if (this.#points.size >= pullPointsMax) return null;
    const id = randomUUID().slice(0, 8);
    const atMs = this.#now();
    const inputs = [...this.#inputs].map(([token, on]) => inputNotice(token, on));
    const levels = this.tellsLevels ? [...this.#state(), ...inputs] : [];
    const queue = levels.map((one) => ({ ...one, operation: 'Initialized' as const, atMs }));
    this.#points.set(id, { queue, wake: () => {}, stopTimer: this.#expire(id, forMs) });
    return id;
  }

  /** False where there is no such pull point. */
  renew(id: string, forMs: number): boolean {
    const point = this.#points.get(id);
    if (!point) return false;
    point.stopTimer();
    point.stopTimer = this.#expire(id, forMs);
    return true;
  }

  unsubscribe(id: string): boolean {
    const point = this.#points.get(id);
    point?.stopTimer();
    point?.wake();
    return this.#points.delete(id);
  }

  setInput(token: string, on: boolean): void {
    if (this.#inputs.get(token) === on) return;
    this.#inputs.set(token, on);
    this.notify(inputNotice(token, on));
  }

  get subscribed(): number {
    return this.#points.size;
  }

  notify(notice: Notice): void {
    for (const { queue, wake } of this.#points.values()) {
      queue.push({ ...notice, operation: 'Changed', atMs: this.#now() });
      if (queue.length > queueMax) queue.shift();
      wake();
    }
  }

  /** Null where there is no such pull point, or no more. */
  async pull(id: string, limit: number, waitMs: number): Promise<readonly Kept[] | null> {
    const point = this.#points.get(id);
    if (!point) return null;
    if (point.queue.length === 0)
      await new Promise<void>((done) => {
        const cancel = this.#after(waitMs, done);
        point.wake = () => {
          cancel();
          done();
        };
      });
    return this.#points.has(id) ? point.queue.splice(0, limit) : null;
  }

  /** A reboot, and the end. */
  forget(): void {
    for (const id of [...this.#points.keys()]) this.unsubscribe(id);
  }

  #expire(id: string, forMs: number): () => void {
    return this.#after(forMs, () => this.unsubscribe(id));
  }
}
