// A lamp that remembers what was wanted of it, and an indicator that remembers what it was shown.

import type { Job } from '#agent/core/state.ts';
import type { LampTarget } from '#agent/core/target.ts';
import type { Indicator, Lamp, Sink } from '#agent/ports.ts';

export class FakeLamp implements Lamp {
  /** Each change, the newest last. */
  readonly wants: LampTarget[] = [];
  #sink: Sink | null = null;
  #running: Job | null = null;

  async open(sink: Sink): Promise<void> {
    this.#sink = sink;
  }

  async close(): Promise<void> {
    this.#sink = null;
    this.#running = null;
  }

  get target(): LampTarget | null {
    return this.wants.at(-1) ?? null;
  }

  want(target: LampTarget): void {
    const before = this.target;
    if (JSON.stringify(before) === JSON.stringify(target)) return;
    this.wants.push(target);
    const running = this.#running;
    if (!running || (before?.word === target.word && before.silent === target.silent)) return;
    this.#running = null;
    const reason = 'the lamp is needed for what it is there for';
    this.#sink?.emit({ kind: 'job.failed', id: running.id, reason });
  }

  run(job: Job): void {
    if (this.#running?.id !== job.id) this.#running = job;
  }

  /** The test that runs has been seen to its end. */
  finish(): void {
    const running = this.#running;
    this.#running = null;
    if (running) this.#sink?.emit({ kind: 'job.done', id: running.id, result: {} });
  }
}

export class FakeIndicator implements Indicator {
  readonly shown: { lamp: string; buzzer: string }[] = [];

  show(signal: { readonly lamp: string; readonly buzzer: string }): void {
    const before = this.shown.at(-1);
    if (before?.lamp === signal.lamp && before.buzzer === signal.buzzer) return;
    this.shown.push({ ...signal });
  }
}
