// What a person asks for: each runs once and says how it went. A test puts the dome back to what is wanted;
// while it runs, its actuator is the test's; an alarm wants the same thing, on.

import type { StickAct } from '../core/command.ts';
import type { Fact } from '../core/fact.ts';
import type { Job } from '../core/state.ts';
import type { DomeTarget } from '../core/target.ts';
import type { Clock } from '../ports.ts';
import type { Actuator, PassResult } from './actuator.ts';
import { asDomeError, DomeError } from './error.ts';
import type { PresetControl } from './preset.ts';

export const jobTimes = { strobeMs: 2000, sirenMs: 1000, presetMs: 3000, arriveMs: 5000 } as const;

type Result = { readonly [key: string]: unknown };
type TestJob = Extract<Job, { what: `test.${string}` }>;

/** Job ids remembered, so that a job handed over twice runs once. */
const jobsKept = 32;

/** Before anything is wanted. */
const atRest = { strobe: false, siren: false, preset: 'guard' } as const;

export interface JobParts {
  readonly clock: Clock;
  readonly strobe: Actuator;
  readonly siren: Actuator;
  readonly preset: PresetControl;
  /** Carries out what the holder of the stick asks for; rejects with a `DomeError`. */
  readonly act: (act: StickAct) => Promise<Result>;
  readonly emit: (fact: Fact) => void;
  /** What the dome should be once the test is over; null: nobody has said. */
  readonly target: () => DomeTarget | null;
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
    if (job.what === 'test.lamp' || job.what === 'certificate.take') return;
    if (this.#seen.has(job.id)) return;
    this.#seen.add(job.id);
    for (const id of this.#seen) if (this.#seen.size > jobsKept) this.#seen.delete(id);
    if (job.what === 'stick.do') void this.#once(job, this.#act(job.act));
    else if (this.#testing.has(job.what)) this.#fail(job, 'the same test is running');
    else void this.#test(job);
  }

  close(): void {
    for (const stop of this.#timers) stop();
  }

  /** Tells how it went, or that it took too long. */
  async #once(job: Job, doing: Promise<Result | DomeError>): Promise<Result | DomeError> {
    let told = false;
    const cancel = this.#after(job.deadlineMs - this.#parts.clock.now().monoMs, () => {
      told = true;
      this.#fail(job, 'not done before its deadline');
    });
    const result = await doing;
    cancel();
    if (told) return result;
    if (!(result instanceof DomeError)) this.#parts.emit({ kind: 'job.done', id: job.id, result });
    else this.#fail(job, result.message, result.kind === 'out-of-range');
    return result;
  }

  async #act(act: StickAct): Promise<Result | DomeError> {
    try {
      return await this.#parts.act(act);
    } catch (error) {
      return asDomeError(error);
    }
  }

  async #test(job: TestJob): Promise<void> {
    this.#testing.add(job.what);
    const result = await this.#once(job, this.#do(job));
    const holdMs = result instanceof DomeError ? 0 : holdOf(job);
    this.#after(holdMs, () => {
      this.#testing.delete(job.what);
      const target = this.#parts.target() ?? atRest;
      if (job.what === 'test.preset') this.#parts.preset.restore(target.preset);
      else if (job.what === 'test.strobe') this.#parts.strobe.want(target.strobe);
      else this.#parts.siren.want(target.siren);
    });
  }

  async #do(job: TestJob): Promise<Result | DomeError> {
    const { strobe, siren, preset } = this.#parts;
    if (job.what === 'test.strobe') return plain(await strobe.try(true));
    if (job.what === 'test.siren') return plain(await siren.try(true));
    const reached = await preset.move('alarm');
    if (reached === null) return new DomeError('missing', 'the profile names no alarm preset');
    if (reached instanceof DomeError) return reached;
    const arrival = await preset.seen(jobTimes.arriveMs);
    return arrival === 'unmoved'
      ? new DomeError('unverified', 'the dome says yes and does not turn')
      : { recipe: `preset ${reached}`, verified: arrival === 'arrived' };
  }

  #fail({ id }: Job, reason: string, outOfRange = false): void {
    const why = outOfRange ? ({ outOfRange } as const) : {};
    this.#parts.emit({ kind: 'job.failed', id, reason, ...why });
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

const plain = (result: PassResult | DomeError): Result | DomeError =>
  result instanceof DomeError ? result : { ...result };

function holdOf(job: TestJob): number {
  if (job.what === 'test.strobe') return jobTimes.strobeMs;
  return job.what === 'test.siren' ? jobTimes.sirenMs : jobTimes.presetMs;
}
