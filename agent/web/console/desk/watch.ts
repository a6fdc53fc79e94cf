// All terminals and the line to the broker as signals, and what follows from them: the open cases in their
// order, and how loud each silence is. Retained births are the whole memory of it: a reload loses nothing.

import { computed, signal } from '@preact/signals';
import type { GateClient } from '../../client/client.ts';
import type { ClientClock } from '../../client/clock.ts';
import type { TerminalView } from '../../client/terminals.ts';
import { every } from '../../page/every.ts';
import type { SilencePolicy } from '../config.ts';
import { casesOf, inOrder } from '../model/case.ts';
import { type Loudness, loudnessOf } from '../model/silence.ts';

export interface Gone {
  readonly view: TerminalView;
  readonly sinceMs: number;
  readonly loudness: Loudness;
}

/** Births without a case come in hundreds when the line is there again: drawn together. */
const gatherMs = 50;
/** By then the retained births have come. */
const settleMs = 1_500;

export class Watch {
  readonly nowMs = signal(0);
  readonly line = signal<{ readonly up: boolean; readonly sinceMs: number }>({
    ...{ up: false, sinceMs: 0 },
  });
  /** What the broker has kept is here. */
  readonly settled = signal(false);
  readonly terminals = signal<ReadonlyMap<string, TerminalView>>(new Map());
  readonly cases = computed(() =>
    inOrder([...this.terminals.value.values()].flatMap((view) => casesOf(view))),
  );
  readonly #gone = signal<ReadonlyMap<string, number>>(new Map());
  readonly gone = computed<readonly Gone[]>(() => this.#loudest());
  readonly #client: GateClient;
  readonly #clock: ClientClock;
  readonly #policy: SilencePolicy;
  readonly #ends: (() => void)[] = [];
  #gathering = false;

  constructor(client: GateClient, clock: ClientClock, policy: SilencePolicy) {
    this.#client = client;
    this.#clock = clock;
    this.#policy = policy;
  }

  open(): void {
    const now = () => {
      this.nowMs.value = this.#clock.wallMs();
    };
    now();
    this.line.value = { up: false, sinceMs: this.nowMs.value };
    this.#ends.push(
      every(this.#clock, 1_000, now),
      this.#client.on('line', ({ up }) => this.#line(up)),
      this.#client.on('terminal', (view) => this.#changed(view)),
    );
  }

  close(): void {
    for (const end of this.#ends.splice(0)) end();
  }

  /** When it was noticed that a terminal had gone; null: it is there. */
  goneMs(terminal: string): number | null {
    return this.#gone.value.get(terminal) ?? null;
  }

  #line(up: boolean): void {
    this.line.value = { up, sinceMs: this.#clock.wallMs() };
    if (up && !this.settled.value)
      this.#clock.after(settleMs, () => {
        this.settled.value = true;
      });
  }

  #changed(view: TerminalView): void {
    const before = this.terminals.value.get(view.id);
    // What a dispatcher waits for does not wait for the rest.
    if (view.incidents.length > 0 || (before?.incidents.length ?? 0) > 0) return this.#flush();
    if (this.#gathering) return;
    this.#gathering = true;
    this.#clock.after(gatherMs, () => this.#flush());
  }

  #flush(): void {
    this.#gathering = false;
    const gone = new Map<string, number>();
    const all = new Map(this.#client.terminals.map((view) => [view.id, view]));
    for (const { id, online } of all.values())
      if (!online) gone.set(id, this.#gone.value.get(id) ?? this.#clock.wallMs());
    this.#gone.value = gone;
    this.terminals.value = all;
  }

  #loudest(): readonly Gone[] {
    // Told afresh every second while anybody is gone, and not otherwise.
    const gone = this.#gone.value;
    if (gone.size === 0) return [];
    const nowMs = this.nowMs.value;
    return [...gone].flatMap(([id, sinceMs]) => {
      const view = this.terminals.value.get(id);
      if (!view) return [];
      return [{ view, sinceMs, loudness: loudnessOf(view, sinceMs, nowMs, this.#policy) }];
    });
  }
}
