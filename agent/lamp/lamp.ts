// The guard's lamp and buzzer: one target, shown alike on every indicator there is.
// A lamp test gives way at once when the word changes: an alarm never waits behind a test.

import type { Job } from '../core/state.ts';
import type { LampTarget } from '../core/target.ts';
import type { Clock, Indicator, Lamp, Sink } from '../ports.ts';
import { signalOf, testShownMs, testSignal } from './patterns.ts';

export interface LampSetup {
  readonly indicators: readonly Indicator[];
  readonly clock: Clock;
}

export class LampDriver implements Lamp {
  readonly #setup: LampSetup;
  #sink: Sink | null = null;
  #target: LampTarget | null = null;
  #test: { readonly id: string; readonly cancel: () => void } | null = null;

  constructor(setup: LampSetup) {
    this.#setup = setup;
  }

  async open(sink: Sink): Promise<void> {
    this.#sink = sink;
  }

  async close(): Promise<void> {
    this.#endTest();
    this.#sink = null;
  }

  want(target: LampTarget): void {
    const before = this.#target;
    this.#target = target;
    const sameWord =
      before?.word === target.word &&
      before.silent === target.silent &&
      before.mark === target.mark;
    if (this.#test && sameWord) return;
    this.#failTest('the lamp is needed for what it is there for');
    this.#show();
  }

  /** `test.lamp`: all colours and the buzzer for 4 s, then the wanted target again. */
  run({ id, what }: Job): void {
    if (this.#test?.id === id) return;
    const refusal = this.#refusalOf(what);
    if (refusal) return this.#fail(id, refusal);
    for (const indicator of this.#setup.indicators) indicator.show(testSignal);
    const cancel = this.#setup.clock.after(testShownMs, () => {
      this.#endTest();
      this.#show();
      const result = { indicators: this.#setup.indicators.length, shownMs: testShownMs };
      this.#sink?.emit({ kind: 'job.done', id, result });
    });
    this.#test = { id, cancel };
  }

  #refusalOf(what: Job['what']): string | null {
    if (what !== 'test.lamp') return `${what} is none of the lamp's`;
    if (this.#setup.indicators.length === 0) return 'no lamp is configured';
    if (this.#test) return 'another lamp test is running';
    const idle = !this.#target || (this.#target.word === 'ready' && this.#target.silent === null);
    return idle ? null : 'the lamp is needed for what it is there for';
  }

  #show(): void {
    if (!this.#target) return;
    const signal = signalOf(this.#target);
    for (const indicator of this.#setup.indicators) indicator.show(signal);
  }

  #endTest(): void {
    this.#test?.cancel();
    this.#test = null;
  }

  #failTest(reason: string): void {
    const test = this.#test;
    if (!test) return;
    this.#endTest();
    this.#fail(test.id, reason);
  }

  #fail(id: string, reason: string): void {
    this.#sink?.emit({ kind: 'job.failed', id, reason });
  }
}
