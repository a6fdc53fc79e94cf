// The stick of a dome: taken, held, given back. While it is held the velocity is said again and again,
// because the terminal ends a move that is not; nothing of that is stored or answered. It is said on a
// line of its own, there while the stick is ours, whose will lets go: should it break, the dome stands.

import type { StickNoticeMessage } from '../../contract.ts';
import type { MoveVerb } from '../../core/command.ts';
import type { ClientClock } from './clock.ts';
import type { Args, Result } from './commands.ts';
import { Emitter } from './emitter.ts';

/** -1 to 1 of full speed: to the right, up, closer. */
export interface Velocity {
  readonly pan?: number;
  readonly tilt?: number;
  readonly zoom?: number;
}

export type StickAct = Args<'stick.do'>['act'];

export interface StickEvents {
  /** Has it or has it no longer; `why` where that was not asked for. */
  lease: { readonly mine: boolean; readonly why: StickNoticeMessage | null };
}

export interface StickSetup {
  readonly terminal: string;
  readonly clock: ClientClock;
  readonly ask: <V extends 'stick.take' | 'stick.release' | 'stick.do'>(
    verb: V,
    args: Args<V>,
  ) => Promise<Result<V>>;
  /** QoS 0. */
  readonly move: (verb: MoveVerb, payload: object) => void;
  /** For the moves. What is said before it is up goes another way. */
  readonly line: { open(): void; close(): Promise<void> };
}

const everyMs = 80;
/** Three beats: a dome needs some 300 ms to brake, and is to stand 600 ms after the last word from here. */
const forMs = 250;

export class Stick extends Emitter<StickEvents> {
  readonly #setup: StickSetup;
  #lease: string | null = null;
  #n = 0;
  /** What it is held at; null: let go. */
  #held: Velocity | null = null;
  #taking: Promise<string> | null = null;
  #hasLine = false;
  #cancelNext: (() => void) | null = null;

  constructor(setup: StickSetup) {
    super();
    this.#setup = setup;
  }

  get mine(): boolean {
    return this.#lease !== null;
  }

  get terminal(): string {
    return this.#setup.terminal;
  }

  /** Takes it, or keeps it for longer. Rejects with `CommandRefused` where another one has it. */
  async take(): Promise<void> {
    await this.#leased(true);
  }

  /** Turns the dome until `stop`; takes the stick first where it is not ours. */
  async move(velocity: Velocity): Promise<void> {
    const isHeld = this.#held !== null;
    this.#held = velocity;
    if (this.#lease === null) await this.#leased(false);
    // Let go meanwhile, or the one who holds it longer says it.
    if (this.#held === velocity && !(isHeld && this.#cancelNext)) this.#say();
  }

  /** Lets it go: the dome stands at once. */
  stop(): void {
    if (this.#held === null) return;
    this.#held = null;
    this.#cancelNext?.();
    this.#cancelNext = null;
    if (this.#lease !== null) this.#setup.move('stick.stop', this.#head(this.#lease));
  }

  /** A preset, home, wiper, light, focus, a place; takes the stick first where it is not ours. */
  async do(act: StickAct): Promise<Result<'stick.do'>> {
    const lease = await this.#leased(false);
    return this.#setup.ask('stick.do', { lease, act });
  }

  /** Gives it back. */
  async release(): Promise<void> {
    this.stop();
    const lease = this.#lease;
    if (lease === null) return;
    this.#lost(null);
    await this.#setup.ask('stick.release', { lease });
  }

  /** Takes what the terminal says of our lease; of others nothing comes here. */
  hear(notice: StickNoticeMessage): void {
    if (notice.lease === this.#lease) this.#lost(notice);
  }

  /** As somebody who goes: the dome stands. */
  async close(): Promise<void> {
    this.stop();
    await this.#line(false);
  }

  /** The terminal has come back, and may have forgotten the lease: the next use takes it anew. */
  forget(): void {
    if (this.#lease !== null) this.#lost(null);
  }

  #leased(renew: boolean): Promise<string> {
    if (this.#lease !== null && !renew) return Promise.resolve(this.#lease);
    this.#taking ??= this.#take().finally(() => {
      this.#taking = null;
    });
    return this.#taking;
  }

  async #take(): Promise<string> {
    const before = this.#lease;
    void this.#line(true);
    const { lease } = await this.#setup.ask('stick.take', { lease: before }).catch((error) => {
      if (this.#lease === null) void this.#line(false);
      throw error;
    });
    this.#lease = lease;
    if (lease !== before) {
      this.#n = 0;
      this.emit('lease', { mine: true, why: null });
    }
    return lease;
  }

  #say(): void {
    const { clock, move } = this.#setup;
    this.#cancelNext = null;
    if (this.#held === null || this.#lease === null) return;
    move('stick.move', { ...this.#head(this.#lease), forMs, ...this.#held });
    this.#cancelNext = clock.after(everyMs, () => this.#say());
  }

  #head(lease: string) {
    this.#n += 1;
    return { v: 1, lease, n: this.#n };
  }

  async #line(wanted: boolean): Promise<void> {
    if (this.#hasLine === wanted) return;
    this.#hasLine = wanted;
    if (wanted) this.#setup.line.open();
    else await this.#setup.line.close();
  }

  #lost(why: StickNoticeMessage | null): void {
    void this.#line(false);
    this.#lease = null;
    this.#held = null;
    this.#cancelNext?.();
    this.#cancelNext = null;
    this.emit('lease', { mine: false, why });
  }
}
