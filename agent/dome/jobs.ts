// Tests of one part, asked for by a person: each runs once, says how it went, and puts the dome back to
// what is wanted. While a test runs, its actuator is the test's; an alarm wants the same thing, on.

import type { Fact } from '../core/fact.ts';
import type { Job } from '../core/state.ts';
import type { DomeTarget } from '../core/target.ts';
import type { Clock } from '../ports.ts';
import type { Actuator, PassResult } from './actuator.ts';
import { DomeError } from './error.ts';
import type { PresetControl } from './preset.ts';

export const jobTimes = { strobeMs: 2000, sirenMs: 1000, presetMs: 3000 } as const;
/** Job ids remembered, so that a job handed over twice runs once. */
const jobsKept = 32;

export interface JobParts {
  readonly clock: Clock;
  readonly strobe: Actuator;
  readonly siren: Actuator;
  readonly preset: PresetControl;
  readonly emit: (fact: Fact) => void;
  /** What the dome should be once the test is over. */
  readonly target: () => DomeTarget;
}

export class Jobs {
  readonly #parts: JobParts;
  readonly #seen = new Set<string>();
  readonly #testing = new Set<Job['what']>();
  readonly #timers = new Set<() => void>();

  constructor(parts: JobParts) {
    this.#parts = parts;
  }

  has(what: Job['what']): boolean {
    return this.#testing.has(what);
  }

  run(job: Job): void {
    if (job.what === 'test.lamp' || this.#seen.has(job.id)) return;
    if (job.what === 'stick.do') return this.#fail(job, 'this dome is not turned');
    this.#seen.add(job.id);
    for (const id of this.#seen) if (this.#seen.size > jobsKept) this.#seen.delete(id);
    if (this.#testing.has(job.what)) this.#fail(job, 'the same test is running');
    else void this.#test(job);
  }

  close(): void {
    for (const stop of this.#timers) stop();
  }

  async #test(job: Job): Promise<void> {
    const { clock } = this.#parts;
    this.#testing.add(job.what);
    let told = false;
    const cancel = this.#after(job.deadlineMs - clock.now().monoMs, () => {
      told = true;
      this.#fail(job, 'not done before its deadline');
    });
    const result = await this.#do(job);
    cancel();
    if (result instanceof DomeError) {
      if (!told) this.#fail(job, result.message);
    } else if (!told) this.#parts.emit({ kind: 'job.done', id: job.id, result: { ...result } });
    const holdMs = result instanceof DomeError ? 0 : holdOf(job);
    this.#after(holdMs, () => {
      this.#testing.delete(job.what);
      const target = this.#parts.target();
      if (job.what === 'test.preset') this.#parts.preset.restore(target.preset);
      else if (job.what === 'test.strobe') this.#parts.strobe.want(target.strobe);
      else this.#parts.siren.want(target.siren);
    });
  }

  async #do(job: Job): Promise<PassResult | DomeError> {
    const { strobe, siren, preset } = this.#parts;
    if (job.what === 'test.strobe') return strobe.try(true);
    if (job.what === 'test.siren') return siren.try(true);
    const reached = await preset.move('alarm');
    if (reached === null) return new DomeError('missing', 'the profile names no alarm preset');
    return reached instanceof DomeError
      ? reached
      : { recipe: `preset ${reached}`, verified: false };
  }

  #fail(job: Job, reason: string): void {
    this.#parts.emit({ kind: 'job.failed', id: job.id, reason });
  }

  #after(delayMs: number, call: () => void): () => void {
    const stop = this.#parts.clock.after(delayMs, () => {
      this.#timers.delete(stop);
      call();
    });
    this.#timers.add(stop);
    return () => {
      this.#timers.delete(stop);
      stop();
    };
  }
}

function holdOf(job: Job): number {
  if (job.what === 'test.strobe') return jobTimes.strobeMs;
  return job.what === 'test.siren' ? jobTimes.sirenMs : jobTimes.presetMs;
}
