// The pictures that run: of the case in hand, and of as many others as the configuration allows, in the
// order of the alarms, so that the next one taken in hand is there already.

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

/** One that was refused is asked for again. */
const againMs = 10_000;

export class Pictures {
  readonly all = signal<ReadonlyMap<string, Picture>>(new Map());
  readonly #desk: Desk;
  readonly #ends: (() => void)[] = [];

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

  #wanted(): ReadonlyMap<string, string> {
    const { watch, hand, config } = this.#desk;
    const cases = [hand.current.value ?? [], watch.cases.value].flat();
    const wanted = new Map<string, string>();
    for (const { terminal, id } of cases)
      if (wanted.size < config.picturesMax && !wanted.has(terminal)) wanted.set(terminal, id);
    return wanted;
  }

  #settle(wanted: ReadonlyMap<string, string>): void {
    const have = this.all.peek();
    const isSame = wanted.size === have.size && [...wanted.keys()].every((one) => have.has(one));
    if (isSame) return;
    for (const terminal of have.keys()) if (!wanted.has(terminal)) this.#drop(terminal);
    const added = [...wanted]
      .filter(([terminal]) => !have.has(terminal))
      .map(([terminal, incident]) => [terminal, this.#begin(terminal, incident)] as const);
    this.all.value = new Map([...this.all.peek(), ...added]);
  }

  #begin(terminal: string, incident: string): Picture {
    const live = this.#desk.client.live(terminal, { incident });
    const still = signal<string | null>(null);
    const status = signal<LiveStatus>(live.status);
    live.on('status', (now) => {
      status.value = now;
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
    picture.live.close();
    const still = picture.still.peek();
    if (still !== null) URL.revokeObjectURL(still);
    this.all.value = new Map([...this.all.peek()].filter(([id]) => id !== terminal));
  }

  #again(): void {
    for (const { terminal, status } of this.all.peek().values())
      if (status.peek().state === 'over') this.retry(terminal);
  }
}
