// How far each press of an acceptance has got and when, from the edge on: looks on while the loop works, for
// the moment of the commit stands in no row.

import type { Fact, Now } from '../../core/fact.ts';
import type { State } from '../../core/state.ts';
import type { Stepped } from '../../core/step.ts';
import type { Clock, Committed, Turn } from '../../ports.ts';
import type { Watch } from '../../terminal.ts';

/** Milliseconds after the terminal saw the edge; null: not yet, or not known. */
export interface Hops {
  readonly incident: string;
  readonly input: string;
  readonly mark: string | null;
  readonly presses: number;
  /** On the disk; null also where the disk did not take it at once, and after a restart. */
  readonly storedMs: number | null;
  readonly sentMs: number | null;
  readonly receivedMs: number | null;
  readonly undelivered: boolean;
  readonly resolved: boolean;
}

/** Presses remembered. */
const kept = 64;

type JobEnd = Extract<Fact, { kind: 'job.done' | 'job.failed' }>;

export class HopBook implements Watch {
  readonly #clock: Clock;
  readonly #raised = new Map<string, number>();
  readonly #stored = new Map<string, number>();
  readonly #jobs = new Map<string, (end: JobEnd) => void>();
  /** While nobody is accepting, nothing is written down. */
  isOn = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  stepped(fact: Fact, now: Now, { enqueue }: Stepped): void {
    if (fact.kind === 'job.done' || fact.kind === 'job.failed') this.#jobs.get(fact.id)?.(fact);
    if (!this.isOn) return;
    for (const { body } of enqueue)
      if (body.kind === 'alarm.raised') this.#raised.set(body.incident, now.monoMs);
    for (const id of this.#raised.keys()) if (this.#raised.size > kept) this.#raised.delete(id);
  }

  committed({ enqueue }: Turn, { durable }: Committed): void {
    if (!this.isOn || !durable) return;
    for (const { body } of enqueue) {
      const fromMs = body.kind === 'alarm.raised' ? this.#raised.get(body.incident) : undefined;
      if (body.kind === 'alarm.raised' && fromMs !== undefined)
        this.#stored.set(body.incident, this.#clock.now().monoMs - fromMs);
    }
    for (const id of this.#stored.keys()) if (this.#stored.size > kept) this.#stored.delete(id);
  }

  /** Of a job that a driver was handed: resolves with its end. */
  ended(id: string): Promise<JobEnd> {
    return new Promise((done) => {
      this.#jobs.set(id, (end) => {
        this.#jobs.delete(id);
        done(end);
      });
    });
  }

  hops({ durable }: State): Hops[] {
    return Object.values(durable.incidents).map((one) => {
      const after = (moment: { readonly monoMs: number; readonly bootId: string } | null) =>
        moment && moment.bootId === one.raised.bootId ? moment.monoMs - one.raised.monoMs : null;
      return {
        ...{ incident: one.id, input: one.input, mark: one.mark ?? null, presses: one.presses },
        storedMs: this.#stored.get(one.id) ?? null,
        sentMs: after(one.sent),
        receivedMs: after(one.received),
        ...{ undelivered: one.undelivered !== null, resolved: one.resolved !== null },
      };
    });
  }
}

/** Two who look on. */
export const both = (one: Watch, other: Watch): Watch => ({
  stepped(...seen) {
    one.stepped(...seen);
    other.stepped(...seen);
  },
  committed(...seen) {
    one.committed(...seen);
    other.committed(...seen);
  },
});
