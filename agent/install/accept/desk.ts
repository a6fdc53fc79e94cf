// The daemon's side of an acceptance: opens service mode, does what it is asked for while that is open, and
// tells how far the presses have got. What it breaks heals by itself within seconds.

import type { StickAct } from '../../core/command.ts';
import { localRole, type ServiceAct } from '../../core/service.ts';
import { type Job, rowOf } from '../../core/state.ts';
import { windowNow } from '../../core/windows.ts';
import type { Looped } from '../../media/loop-try.ts';
import type { PatrolWorld } from '../../patrol/look.ts';
import type { Ids, Sink } from '../../ports.ts';
import { Refusal } from '../../refusal.ts';
import type { HopBook } from './hops.ts';
import type { Levers } from './levers.ts';
import type { Began, Doing, Done, Looked } from './wire.ts';

export interface DeskParts {
  readonly world: PatrolWorld;
  readonly emit: Sink['emit'];
  readonly ids: Ids;
  readonly book: HopBook;
  readonly levers: Levers;
  readonly line: { cut(forMs: number): void };
  /** What carries the light: the dome, or the terminal's own lines; null: nothing does. */
  readonly light: { run(job: Job): void } | null;
  readonly lamp: { run(job: Job): void };
  /** A place where the dome may not look; null: its profile has no range. */
  readonly beyond: () => StickAct | null;
  /** Packets of the dome's main stream within so long; null: there is none. */
  readonly packets: ((forMs: number) => Promise<number>) | null;
  readonly loop: ((id: string) => Promise<Looped>) | null;
  readonly restart: () => void;
  readonly about: Omit<Began, 'untilWallMs' | 'inputs'>;
  readonly uptimeS: () => number;
}

/** A press needs so much of the window, or it might be real. */
const marginMs = 20_000;
const jobMs = 15_000;
const heldMs = 200;
const liveMs = 2_000;
/** Of tasks, remembered. */
const tasksKept = 32;
const restartInMs = 200;
/** Whoever accepts looks all the time. One who has gone must not leave a school in service mode. */
export const goneMs = 120_000;
const gone = 'nobody (the acceptance has gone)';

export class AcceptDesk {
  readonly #parts: DeskParts;
  readonly #tasks = new Map<string, Done | null>();
  readonly #startedMs: number;
  #heardMs = 0;
  #stopWatch: () => void = () => undefined;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#startedMs = parts.world.clock.now().monoMs;
  }

  /** Opens service mode, or goes on in the one that is open. Throws a `Refusal`. */
  async begin(user: string): Promise<Began> {
    const { about, book, world } = this.#parts;
    if (!this.#window()) await this.#ask(user, { do: 'open' });
    const window = this.#window();
    if (!window)
      throw refusal(
        'window',
        'an alarm is open, or another window is: try again when that is over',
      );
    book.isOn = true;
    this.#watch();
    const { inputs } = world.state().live.setup;
    const buttons = Object.entries(inputs).flatMap(([id, input]) =>
      input.role === 'button' ? [{ id, name: input.name, kind: input.kind }] : [],
    );
    const untilWallMs = window.since.wallMs + window.minutes * 60_000;
    return { ...about, untilWallMs, inputs: buttons };
  }

  async end(user: string): Promise<void> {
    this.#parts.book.isOn = false;
    this.#stopWatch();
    await this.#ask(user, { do: 'close' });
  }

  look(): Looked {
    const { world, book, uptimeS } = this.#parts;
    this.#heardMs = world.clock.now().monoMs;
    const state = world.state();
    return {
      window: this.#window() !== null,
      ...{ uptimeS: uptimeS(), startedMs: this.#startedMs, online: state.live.online },
      faults: Object.keys(state.live.faults),
      hops: book.hops(state).filter(({ mark }) => mark === 'service'),
    };
  }

  /** Begins it. Throws a `Refusal` where service mode is not open for long enough. */
  do(asked: Doing, user: string): string {
    const window = this.#window();
    const { clock, state } = this.#parts.world;
    const endMs = window ? window.since.monoMs + window.minutes * 60_000 : 0;
    if (asked.what !== 'resolve' && endMs - clock.now().monoMs < marginMs)
      throw refusal('window', 'service mode is not open any more: a press would be real');
    if (asked.what === 'press' && rowOf(state().live.setup.inputs, asked.input)?.role !== 'button')
      throw refusal('input', 'no such button');
    const task = this.#parts.ids.next();
    this.#tasks.set(task, null);
    for (const id of this.#tasks.keys()) if (this.#tasks.size > tasksKept) this.#tasks.delete(id);
    this.#do(asked, user).then(
      (done) => this.#tasks.set(task, done),
      (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        this.#tasks.set(task, { ok: false, detail: `it could not be done: ${why}` });
      },
    );
    return task;
  }

  /** Null: it runs. Throws a `Refusal` where it is not known. */
  done(task: string): Done | null {
    const found = this.#tasks.get(task);
    if (found === undefined) throw refusal('task', 'not known, or not any more');
    return found;
  }

  /** Ends service mode when whoever opened it does not look any more. */
  #watch(): void {
    const { clock } = this.#parts.world;
    this.#heardMs = clock.now().monoMs;
    const look = () => {
      const leftMs = this.#heardMs + goneMs - clock.now().monoMs;
      if (leftMs <= 0) void this.end(gone);
      else this.#stopWatch = clock.after(leftMs, look);
    };
    this.#stopWatch();
    this.#stopWatch = clock.after(goneMs, look);
  }

  #window() {
    const { state, clock } = this.#parts.world;
    const window = windowNow(state().live, clock.now());
    return window?.mark === 'service' && window.role === localRole ? window : null;
  }

  #ask(user: string, act: ServiceAct): Promise<void> {
    return new Promise((stepped) =>
      this.#parts.emit({ kind: 'service.asked', user, act }, stepped),
    );
  }

  async #do(asked: Doing, user: string): Promise<Done> {
    const { line, levers, world, restart } = this.#parts;
    switch (asked.what) {
      case 'press':
        return await this.#press(asked.input);
      case 'resolve':
        await this.#ask(user, { do: 'resolve', incident: asked.incident });
        return { ok: true, detail: '' };
      case 'part': {
        const { lookAt } = await import('../../patrol/parts.ts');
        const { ok, detail, ms } = await lookAt(asked.part, world);
        return { ok, detail, ...(ms === undefined ? {} : { ms }) };
      }
      case 'test':
        return await this.#test(asked.part);
      case 'pictures': {
        const pictures = (await world.eyes?.look(asked.count)) ?? [];
        const taken = pictures.map((one) => Buffer.from(one).toString('base64'));
        return { ok: taken.length > 0, detail: `${taken.length} pictures`, pictures: taken };
      }
      case 'live':
        return await this.#live();
      case 'loop':
        return await this.#loop();
      case 'range':
        return await this.#range();
      case 'cut':
        line.cut(asked.seconds * 1000);
        return { ok: true, detail: '' };
      case 'pull':
        levers.pullDome(asked.seconds * 1000);
        return { ok: true, detail: '' };
      case 'restart':
        // Whoever asked is answered first.
        world.clock.after(restartInMs, restart);
        return { ok: true, detail: '' };
    }
  }

  /** In at the door that the wires come in by. A source that counts has a clock of its own, and one that does
   * not has ours. */
  async #press(input: string): Promise<Done> {
    const { emit, world } = this.#parts;
    const { durable, live } = world.state();
    const before = rowOf(live.inputs, input);
    if (before?.contact === 'pressed') return { ok: false, detail: 'it is held down now' };
    const counts = (rowOf(durable.inputs, input)?.count ?? null) !== null;
    const nowMs = world.clock.now().monoMs;
    const last = before?.edgeMs ?? Number.NEGATIVE_INFINITY;
    const edgeMs = counts && Number.isFinite(last) ? last + 60_000 : nowMs;
    emit({ kind: 'input.changed', input, contact: 'pressed', edgeMs });
    await new Promise<void>((next) => void world.clock.after(heldMs, next));
    emit({ kind: 'input.changed', input, contact: 'normal', edgeMs: edgeMs + heldMs });
    return { ok: true, detail: '' };
  }

  async #test(part: 'strobe' | 'siren' | 'lamp'): Promise<Done> {
    const { light, lamp } = this.#parts;
    const on = part === 'lamp' ? lamp : light;
    if (!on) return { ok: false, absent: true, detail: 'there is no dome and no light' };
    return await this.#run(on, { what: `test.${part}` });
  }

  async #run(
    on: { run(job: Job): void },
    work: { what: `test.${'strobe' | 'siren' | 'lamp'}` } | { what: 'stick.do'; act: StickAct },
  ): Promise<Done & { outOfRange?: true }> {
    const { ids, book, world } = this.#parts;
    const id = ids.next();
    const deadlineMs = world.clock.now().monoMs + jobMs;
    const ended = book.ended(id);
    on.run({ id, deadlineMs, ...work });
    const late = new Promise<null>((end) => void world.clock.after(jobMs, () => end(null)));
    const end = await Promise.race([ended, late]);
    if (end === null) return { ok: false, detail: 'no word of it in time' };
    if (end.kind === 'job.done') {
      const proof = end.result?.verified === true ? ', and its state was read back' : '';
      return { ok: true, detail: `the driver has done it${proof}` };
    }
    const why = end.outOfRange ? ({ outOfRange: true } as const) : {};
    return { ok: false, detail: end.reason, ...why };
  }

  async #live(): Promise<Done> {
    const { packets } = this.#parts;
    if (!packets) return { ok: false, absent: true, detail: 'no picture is configured' };
    const count = await packets(liveMs);
    return count > 0
      ? { ok: true, detail: `${count} packets of it in ${liveMs / 1000} s` }
      : { ok: false, detail: 'its main stream gives nothing' };
  }

  async #loop(): Promise<Done> {
    const { loop, ids } = this.#parts;
    if (!loop) return { ok: false, absent: true, detail: 'the gate room has no sound of its own' };
    const { heard, likeness, levelDb, detail } = await loop(ids.next());
    return { ok: heard, detail: `${detail} (likeness ${likeness}, ${levelDb ?? '-'} dBFS)` };
  }

  async #range(): Promise<Done> {
    const { light } = this.#parts;
    const beyond = this.#parts.beyond();
    if (!beyond || !light)
      return { ok: false, absent: true, detail: 'the profile of the dome has no range' };
    const { ok, outOfRange, detail } = await this.#run(light, { what: 'stick.do', act: beyond });
    if (outOfRange) return { ok: true, detail: `refused: ${detail}` };
    return ok
      ? { ok: false, detail: 'the dome went where it may not look: mend the range in its profile' }
      : { ok: false, detail };
  }
}

const refusal = (field: string, hint: string): Refusal =>
  new Refusal([{ field, value: null, hint }], 'acceptance');
