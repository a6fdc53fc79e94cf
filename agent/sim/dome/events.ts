// The event service of the simulated dome: pull points with an address of their own, of which there are few;
// who asks waits until something happens. At first each tells how everything is (`Initialized`).

import { randomUUID } from 'node:crypto';

/** Something that happened, or that is so. */
export interface Notice {
  readonly topic: string;
  readonly source: readonly [name: string, value: string];
  readonly data: readonly [name: string, value: string];
}

interface Kept extends Notice {
  readonly operation: 'Initialized' | 'Changed';
  readonly atMs: number;
}

interface PullPoint {
  readonly queue: Kept[];
  wake: () => void;
  stopTimer: NodeJS.Timeout;
}

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
  readonly #points = new Map<string, PullPoint>();
  /** What is so, told to each new pull point. */
  readonly #state: () => readonly Notice[];
  readonly #now: () => number;

  /** `now`: the dome's own clock, Unix ms. */
  constructor(state: () => readonly Notice[], now: () => number) {
    this.#state = state;
    this.#now = now;
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
    clearTimeout(point.stopTimer);
    point.stopTimer = this.#expire(id, forMs);
    return true;
  }

  unsubscribe(id: string): boolean {
    const point = this.#points.get(id);
    clearTimeout(point?.stopTimer);
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
        const timer = setTimeout(done, waitMs);
        point.wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    return this.#points.has(id) ? point.queue.splice(0, limit) : null;
  }

  /** A reboot, and the end. */
  forget(): void {
    for (const id of [...this.#points.keys()]) this.unsubscribe(id);
  }

  #expire(id: string, forMs: number): NodeJS.Timeout {
    return setTimeout(() => this.unsubscribe(id), forMs).unref();
  }
}
