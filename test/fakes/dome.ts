// A dome in memory, with the manners of the port: targets are asserted until the actuators are so, again
// every few seconds while wanted, and when the dome is back.

import type { StickAct } from '#agent/core/command.ts';
import type { Job } from '#agent/core/state.ts';
import type { DomeTarget, Motion } from '#agent/core/target.ts';
import type { Clock, Dome, Sink } from '#agent/ports.ts';

const repeatMs = 2000;

export class FakeDome implements Dome {
  /** What the dome really does; outlives the driver. */
  readonly actuators = {
    ...{ strobe: false, siren: false, dayNight: false },
    ...{ preset: '', tracking: false },
  };
  /** Each change of an actuator, oldest first. */
  readonly history: { atMs: number; what: string; on: boolean | string }[] = [];
  readonly wants: DomeTarget[] = [];
  /** So many commands are answered well and not carried out. */
  withoutEffect = 0;
  readonly #clock: Clock;
  #sink: Sink | null = null;
  #target: DomeTarget | null = null;
  #testing: Job['what'] | null = null;
  #reachable = true;
  /** Where it stood when it began to turn, and since when; how far it has come is a matter of time. */
  #place = 0;
  #turning: { readonly fromMs: number; readonly motion: Motion } | null = null;
  #toldLost = false;
  readonly #jobs = new Set<string>();
  readonly #stops = new Set<() => void>();
  #stopRepeat: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async open(sink: Sink): Promise<void> {
    this.#sink = sink;
    this.#assert(true);
  }

  want(target: DomeTarget): void {
    const before = this.#target;
    this.#target = target;
    if (JSON.stringify(before) === JSON.stringify(target)) return;
    this.wants.push(target);
    this.#turn(target.motion);
    // After whoever asks has done what it is doing, as the port says.
    queueMicrotask(() => this.#assert(before?.preset !== target.preset));
  }

  run(job: Job): void {
    if (job.what === 'test.lamp' || this.#jobs.has(job.id)) return;
    this.#jobs.add(job.id);
    if (!this.#reachable) {
      this.#lost();
      this.#sink?.emit({ kind: 'job.failed', id: job.id, reason: 'the dome does not answer' });
      return;
    }
    if (job.what === 'stick.do') return this.#act(job.id, job.act);
    this.#testing = job.what;
    this.#assert(job.what === 'test.preset');
    const result = { recipe: 'fake', verified: true };
    this.#sink?.emit({ kind: 'job.done', id: job.id, result });
    this.#after(job.what === 'test.siren' ? 1000 : 2000, () => {
      this.#testing = null;
      this.#assert(job.what === 'test.preset');
    });
  }

  /** Null while it turns. */
  get standsAt(): number | null {
    if (this.#turning && this.#clock.now().monoMs < this.#turning.motion.untilMs) return null;
    this.#turn(null);
    return this.#place;
  }

  #turn(motion: Motion | null): void {
    const nowMs = this.#clock.now().monoMs;
    if (this.#turning) {
      const { fromMs, motion: before } = this.#turning;
      this.#place += ((Math.min(nowMs, before.untilMs) - fromMs) / 2000) * before.pan;
    }
    this.#turning = this.#reachable && motion ? { fromMs: nowMs, motion } : null;
  }

  #act(id: string, act: StickAct): void {
    if (act.op === 'preset') this.#command(() => this.#set('preset', act.preset));
    const result = act.op === 'preset' ? { preset: act.preset } : {};
    this.#sink?.emit({ kind: 'job.done', id, result });
  }

  async close(): Promise<void> {
    this.#turn(null);
    this.#sink = null;
    // The next process knows of no test that ran; it asserts what is wanted, which ends it.
    this.#testing = null;
    this.#stopRepeat();
    for (const stop of this.#stops) stop();
  }

  /** Cable out; the actuators stay as they are. */
  lose(): void {
    this.#reachable = false;
    this.#after(6000, () => this.#lost());
  }

  /** Cable in, or power back after `forget`. */
  restore(): void {
    this.#reachable = true;
    if (this.#toldLost) this.#sink?.emit({ kind: 'fault.cleared', fault: 'dome.lost' });
    this.#toldLost = false;
    this.#assert(true);
  }

  /** What a power cut leaves. */
  forget(): void {
    this.#set('strobe', false);
    this.#set('siren', false);
    this.#set('dayNight', false);
    this.#set('tracking', false);
    this.actuators.preset = '';
  }

  #assert(turn: boolean): void {
    this.#stopRepeat();
    const target = this.#target;
    if (!this.#sink || !target) return;
    const strobe = target.strobe || this.#testing === 'test.strobe';
    const siren = target.siren || this.#testing === 'test.siren';
    if (!this.#reachable) {
      if (strobe || siren) this.#lost();
      return;
    }
    this.#command(() => this.#set('strobe', strobe));
    this.#command(() => this.#set('siren', siren));
    this.#command(() => this.#set('dayNight', target.dayNight));
    if (!target.tracking) this.#command(() => this.#set('tracking', false));
    const preset = this.#testing === 'test.preset' ? 'alarm' : target.preset;
    if (turn && preset) this.#command(() => this.#set('preset', preset));
    if (target.tracking) this.#command(() => this.#set('tracking', true));
    const { preset: _, ...lit } = this.actuators;
    if (strobe || siren || Object.values(lit).some((on) => on))
      this.#stopRepeat = this.#clock.after(repeatMs, () => this.#assert(false));
  }

  #command(act: () => void): void {
    if (this.withoutEffect > 0) this.withoutEffect -= 1;
    else act();
  }

  #set<K extends keyof typeof this.actuators>(what: K, on: (typeof this.actuators)[K]): void {
    if (this.actuators[what] === on) return;
    this.actuators[what] = on;
    this.history.push({ atMs: this.#clock.now().monoMs, what, on });
  }

  #lost(): void {
    if (this.#toldLost || this.#reachable) return;
    this.#toldLost = true;
    const detail = 'the dome does not answer: cable out';
    this.#sink?.emit({ kind: 'fault.raised', fault: 'dome.lost', detail });
  }

  #after(delayMs: number, call: () => void): void {
    const stop = this.#clock.after(delayMs, () => {
      this.#stops.delete(stop);
      call();
    });
    this.#stops.add(stop);
  }
}
