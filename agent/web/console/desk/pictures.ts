// The pictures that run: of the case in hand as large as it is, and of as many others as the configuration
// allows in small, in the order of the alarms, so that the next one taken in hand is there already. The one
// in hand begins at once, the others a few at a time: eight at once would all be late.

import { effect, type Signal, signal } from '@preact/signals';
import type { Live, LiveStatus } from '../../client/rtc/live.ts';
import { every } from '../../page/every.ts';
import type { Desk } from './desk.ts';

export interface Picture {
  readonly terminal: string;
  readonly live: Live;
  readonly status: Signal<LiveStatus>;
  /** Of the newest still picture, while only those come. */
  readonly still: Signal<string | null>;
  /** When the newest frame was drawn anywhere on the page, monotonic; null: none yet. */
  frameMs: number | null;
}

interface Wanted {
  readonly incident: string;
  readonly stream: 'auto' | 'sub';
}

/** One that was refused is asked for again. */
const againMs = 10_000;
/** Being connected; the one in hand does not wait for them. */
const beginningMax = 3;
/** One that takes longer holds up no other. */
const beginningMs = 600;

export class Pictures {
  readonly all = signal<ReadonlyMap<string, Picture>>(new Map());
  readonly #desk: Desk;
  readonly #ends: (() => void)[] = [];
  /** Terminals whose picture is on its way. */
  readonly #beginning = new Set<string>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  open(): void {
    if (!this.#desk.may('session.offer')) return;
    this.#ends.push(
      effect(() => this.#settle(this.#wanted())),
      every(this.#desk.clock, againMs, () => this.#again()),
    );
  }

  close(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#settle(new Map());
  }

  /** Asks for one again that was refused or has ended. */
  retry(terminal: string): void {
    if (this.all.value.get(terminal)?.status.value.state !== 'over') return;
    this.#drop(terminal);
    this.#settle(this.#wanted());
  }

  /** The one in hand first. */
  #wanted(): ReadonlyMap<string, Wanted> {
    const { watch, hand, config } = this.#desk;
    const inHand = hand.current.value;
    const cases = [inHand ?? [], watch.cases.value].flat();
    const wanted = new Map<string, Wanted>();
    for (const { terminal, id: incident } of cases)
      if (wanted.size < config.picturesMax && !wanted.has(terminal))
        wanted.set(terminal, { incident, stream: terminal === inHand?.terminal ? 'auto' : 'sub' });
    return wanted;
  }

  #settle(wanted: ReadonlyMap<string, Wanted>): void {
    for (const terminal of this.all.peek().keys()) if (!wanted.has(terminal)) this.#drop(terminal);
    const before = this.all.peek();
    const now = new Map(before);
    for (const [terminal, { incident, stream }] of wanted) {
      const picture = before.get(terminal);
      if (picture) picture.live.stream(stream);
      else if (stream === 'auto' || this.#beginning.size < beginningMax)
        now.set(terminal, this.#begin(terminal, incident, stream));
    }
    if (now.size > before.size) this.all.value = now;
  }

  #begin(terminal: string, incident: string, stream: Wanted['stream']): Picture {
    const live = this.#desk.client.live(terminal, { incident, stream });
    const still = signal<string | null>(null);
    const status = signal<LiveStatus>(live.status);
    this.#beginning.add(terminal);
    const begun = () => {
      if (this.#beginning.delete(terminal) && this.#ends.length > 0) this.#settle(this.#wanted());
    };
    this.#desk.clock.after(beginningMs, begun);
    live.on('status', (now) => {
      status.value = now;
      if (now.state !== 'calling') begun();
    });
    live.on('snapshot', (jpeg) => {
      if (still.value !== null) URL.revokeObjectURL(still.value);
      still.value = URL.createObjectURL(jpeg);
    });
    return { terminal, live, status, still, frameMs: null };
  }

  #drop(terminal: string): void {
    const picture = this.all.peek().get(terminal);
    if (!picture) return;
    this.#beginning.delete(terminal);
    this.all.value = new Map([...this.all.peek()].filter(([id]) => id !== terminal));
    picture.live.close();
    const still = picture.still.peek();
    if (still !== null) URL.revokeObjectURL(still);
  }

  #again(): void {
    for (const { terminal, status } of this.all.peek().values())
      if (status.peek().state === 'over') this.retry(terminal);
  }
}
