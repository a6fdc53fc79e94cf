// Tracking by the agent, where the dome has none of its own: reads what its analytics see, asks where it
// looks, and turns it after a person, while it is wanted. Begins when the dome stands at its alarm preset;
// the way back is whoever wants it otherwise. Every wait has an end, and so has every order.

import type { Motion } from '../../core/target.ts';
import type { Clock } from '../../ports.ts';
import { asDomeError } from '../error.ts';
import type { Status } from '../motion-operations.ts';
import { pause } from '../pause.ts';
import { Follow, type Order, type Way } from './follow.ts';
import type { Frame } from './frame.ts';
import { apart, type Turn } from './travel.ts';
import type { Point } from './view.ts';

export const trackTimes = {
  /** Between two decisions. */
  stepMs: 100,
  /** Between two looks where the dome looks: while somebody is followed, and while nobody is. */
  lookMs: 200,
  idleLookMs: 1000,
  /** From the wish to the first look whether it stands; where it never says so, `patienceMs`. */
  beginMs: 700,
  patienceMs: 8000,
  /** Where it never says where it is. */
  blindMs: 3000,
  /** Unmoved for so long it stands, whatever it says (MoveStatus stays MOVING on some makes). */
  unmovedMs: 300,
  /** It may say IDLE so long because it has not begun. */
  startMs: 150,
  /** A move that takes longer is ended. */
  moveMsMax: 10_000,
  /** An order to run ends by itself then. */
  runMs: 700,
  /** From a picture to what is told of it, where that cannot be known; and at most. */
  latencyMs: 200,
  latencyMsMax: 3000,
} as const;

export interface TrackerParts {
  readonly clock: Clock;
  /** Open while tracking is wanted; tells frames to `saw`. `open` rejects with a `DomeError`. */
  readonly metadata: { open(): Promise<void>; close(): void };
  /** Of full speed, at most. */
  readonly rate: number;
  readonly look: () => Promise<Status>;
  /** Null: stands. */
  readonly run: (motion: Motion | null) => void;
  /** A move in halves of the picture. Rejects with a `DomeError`. */
  readonly turn: (by: Point, signal: AbortSignal) => Promise<void>;
  /** Whether the dome can do that, and may. */
  readonly canTurn: () => Promise<boolean>;
  readonly stop: () => Promise<void>;
  /** To the preset where it began. */
  readonly back: () => void;
  /** It follows somebody new. */
  readonly met: () => void;
}

export class Tracker {
  readonly #parts: TrackerParts;
  readonly #follow: Follow;
  #running: AbortController | null = null;
  #way: Way = 'run';
  /** From the dome's clock to ours. */
  #offsetMs: number | null = null;
  /** How often a move has not come to an end. */
  #stuck = 0;
  #isLooking = false;
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** Looks in a row. */
  #unanswered = 0;

  constructor(parts: TrackerParts) {
    this.#parts = parts;
    this.#follow = new Follow(parts.rate);
  }

  /** It has the dome. */
  get isOn(): boolean {
    return this.#running !== null;
  }

  get isFollowing(): boolean {
    return this.#follow.isFollowing;
  }

  /** As a recipe of the profile is carried out: whether it is as wanted. Rejects with a `DomeError` where
   * the dome does not tell what it sees. */
  async follow(on: boolean, signal: AbortSignal): Promise<boolean> {
    this.want(on);
    if (!on) return true;
    try {
      await this.#parts.metadata.open();
      return true;
    } catch (error) {
      if (!signal.aborted) this.want(false);
      throw error;
    }
  }

  want(on: boolean): void {
    if (on === this.isOn) return;
    if (on) this.#start();
    else this.close();
  }

  /** The dome was sent to its preset once more. */
  restart(): void {
    if (this.isOn) this.#start();
  }

  close(): void {
    if (!this.#running) return;
    this.#running.abort();
    this.#running = null;
    this.#parts.metadata.close();
    this.#follow.end();
    this.#parts.run(null);
  }

  saw(frame: Frame): void {
    if (!this.isOn) return;
    const nowMs = this.#nowMs;
    if (this.#follow.saw(frame, this.#takenMs(frame, nowMs))) this.#parts.met();
  }

  #start(): void {
    this.#running?.abort();
    const abort = new AbortController();
    this.#running = abort;
    this.#follow.end();
    void this.#run(abort.signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    await this.#untilItStands(signal);
    this.#way = (await this.#canTurn()) ? 'turn' : 'run';
    if (signal.aborted) return;
    this.#follow.begin(this.#nowMs, this.#way);
    while (!signal.aborted) {
      await this.#step(signal);
      await pause(this.#parts.clock, trackTimes.stepMs, signal);
    }
  }

  async #untilItStands(signal: AbortSignal): Promise<void> {
    const endMs = this.#nowMs + trackTimes.patienceMs;
    const blindMs = this.#nowMs + trackTimes.blindMs;
    await pause(this.#parts.clock, trackTimes.beginMs, signal);
    while (!signal.aborted && this.#nowMs < endMs) {
      const status = await this.#look();
      const { stillMs, isTold } = this.#follow.travel;
      if (stillMs > trackTimes.unmovedMs && (status?.moving !== true || stillMs > 2000)) return;
      if (!isTold && status?.moving !== true && this.#nowMs > blindMs) return;
      await pause(this.#parts.clock, trackTimes.lookMs, signal);
    }
  }

  async #canTurn(): Promise<boolean> {
    if (this.#stuck > 1) return false;
    try {
      return this.#follow.travel.isTold && (await this.#parts.canTurn());
    } catch (error) {
      asDomeError(error);
      return false;
    }
  }

  async #step(signal: AbortSignal): Promise<void> {
    const { lookMs, idleLookMs } = trackTimes;
    const everyMs = this.#follow.isFollowing ? lookMs : idleLookMs;
    // One that does not answer is asked less often, and is turned meanwhile by what it was told.
    const dueMs = this.#lookedMs + everyMs * 2 ** Math.min(5, this.#unanswered);
    const look = this.#isLooking || this.#nowMs < dueMs ? null : this.#look();
    if (this.#way === 'turn') await look;
    if (signal.aborted) return;
    const order = this.#follow.decide(this.#nowMs, this.#way);
    await this.#obey(order, signal);
  }

  async #obey(order: Order, signal: AbortSignal): Promise<void> {
    const { run, back } = this.#parts;
    if (order.kind === 'turn') return await this.#turn(order, signal);
    if (order.kind === 'run') {
      const untilMs = this.#nowMs + trackTimes.runMs;
      return run({ pan: order.pan, tilt: order.tilt, zoom: 0, untilMs });
    }
    run(null);
    if (order.kind !== 'back') return;
    back();
    this.#start();
  }

  /** One move, until the dome stands again. */
  async #turn({ x, y }: Point, signal: AbortSignal): Promise<void> {
    const { travel } = this.#follow;
    const from = travel.at(this.#nowMs);
    const sentMs = this.#nowMs;
    try {
      await this.#parts.turn({ x, y }, signal);
    } catch (error) {
      const { kind } = asDomeError(error);
      if (kind === 'fault' || kind === 'wrong-reply') this.#way = 'run';
      return;
    }
    const arrivedMs = await this.#untilArrived(sentMs, from, signal);
    if (signal.aborted) return;
    if (arrivedMs === null) return await this.#unstick();
    const to = travel.at(this.#nowMs);
    this.#follow.turned({ x, y }, from, to, (arrivedMs - sentMs) / 1000);
  }

  /** When the move was over; null: it is not. */
  async #untilArrived(sentMs: number, from: Turn, signal: AbortSignal): Promise<number | null> {
    const { travel } = this.#follow;
    while (!signal.aborted && this.#nowMs - sentMs < trackTimes.moveMsMax) {
      await pause(this.#parts.clock, trackTimes.stepMs, signal);
      const status = await this.#look();
      if (!status) continue;
      const sinceMs = this.#nowMs - sentMs;
      const hasBegun = sinceMs > trackTimes.startMs || apart(from, travel.at(this.#nowMs)) > 0.002;
      if (status.moving === false && hasBegun) return this.#nowMs;
      const unmovedMs = Math.min(travel.stillMs, sinceMs - trackTimes.startMs);
      if (unmovedMs > trackTimes.unmovedMs) return this.#nowMs - trackTimes.unmovedMs;
    }
    return null;
  }

  async #unstick(): Promise<void> {
    this.#stuck += 1;
    if (this.#stuck > 1) this.#way = 'run';
    try {
      await this.#parts.stop();
    } catch (error) {
      asDomeError(error);
    }
  }

  async #look(): Promise<Status | null> {
    const askedMs = this.#nowMs;
    this.#lookedMs = askedMs;
    this.#isLooking = true;
    try {
      const status = await this.#parts.look();
      const atMs = (askedMs + this.#nowMs) / 2;
      if (status.utcMs !== null) this.#heard(atMs - status.utcMs);
      const { pan, tilt } = status.place;
      if (pan !== null && tilt !== null)
        this.#follow.travel.looked(atMs, { pan, tilt }, status.moving === false);
      this.#unanswered = 0;
      return status;
    } catch (error) {
      // What is wrong with the dome is told by whoever switches its light.
      asDomeError(error);
      this.#unanswered += 1;
      return null;
    } finally {
      this.#isLooking = false;
    }
  }

  #heard(offsetMs: number): void {
    const before = this.#offsetMs;
    const isJump = before === null || Math.abs(offsetMs - before) > 500;
    this.#offsetMs = isJump ? offsetMs : before + 0.2 * (offsetMs - before);
  }

  /** By the dome's own clock, where it says the same to both of our questions. */
  #takenMs({ utcMs }: Frame, nowMs: number): number {
    const takenMs = utcMs === null || this.#offsetMs === null ? Number.NaN : utcMs + this.#offsetMs;
    const ageMs = nowMs - takenMs;
    return ageMs > -100 && ageMs < trackTimes.latencyMsMax
      ? Math.min(nowMs, takenMs)
      : nowMs - trackTimes.latencyMs;
  }

  get #nowMs(): number {
    return this.#parts.clock.now().monoMs;
  }
}
