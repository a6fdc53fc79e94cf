// How the simulated dome turns and zooms: each axis with its speed, its acceleration and its ends, each
// order after a latency. Nothing runs meanwhile: who asks where it is has it computed up to now, so a
// test may bring its own clock.

import { monotonicMs } from './actuators.ts';
import { fieldOfView, optics } from './scene/optics.ts';

/** Generic ONVIF positions: pan and tilt -1 to 1 (right and up are positive), zoom 0 to 1. */
export interface Position {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

export interface MotionOptions {
  /** Full speed, generic units a second: 0.5 of pan is 90 degrees. */
  readonly panPerSecond: number;
  readonly tiltPerSecond: number;
  readonly zoomPerSecond: number;
  readonly secondsToFullSpeed: number;
  /** Between an order and the beginning of its effect. */
  readonly latencyMs: number;
  /** Of a ContinuousMove that names none. */
  readonly timeoutMs: number;
  /** Runs on until it is stopped, whatever its Timeout, as some domes do (scrypted#2124). */
  readonly ignoresTimeout: boolean;
  /** CLOCK_MONOTONIC, milliseconds. */
  readonly now: () => number;
}

export const usualMotion: MotionOptions = {
  panPerSecond: 0.5,
  tiltPerSecond: 1,
  zoomPerSecond: 0.4,
  secondsToFullSpeed: 0.25,
  latencyMs: 60,
  timeoutMs: 10_000,
  ignoresTimeout: false,
  now: monotonicMs,
};

type Aim =
  | { readonly kind: 'rest' }
  | { readonly kind: 'velocity'; readonly share: number; readonly untilMs: number }
  | { readonly kind: 'position'; readonly at: number; readonly share: number };

const stepMs = 5;
/** What it remembers of its ways. */
const pastEveryMs = 50;
const pastMax = 1200;

interface Past {
  readonly atMs: number;
  readonly position: Position;
  readonly moving: { readonly panTilt: boolean; readonly zoom: boolean };
}
const rest: Aim = { kind: 'rest' };

/** One motor between two ends. */
export class Axis {
  position = 0;
  #velocity = 0;
  #aim: Aim = rest;
  readonly #from: number;
  readonly #to: number;
  readonly #speedMax: number;
  readonly #acceleration: number;

  constructor(from: number, to: number, speedMax: number, secondsToFullSpeed: number) {
    this.#from = from;
    this.#to = to;
    this.#speedMax = speedMax;
    this.#acceleration = speedMax / secondsToFullSpeed;
  }

  get moving(): boolean {
    return this.#aim.kind !== 'rest' || this.#velocity !== 0;
  }

  /** `share` of full speed, with a sign; brakes at `untilMs`. */
  run(share: number, untilMs: number): void {
    this.#aim = share === 0 ? rest : { kind: 'velocity', share: limit(share, -1, 1), untilMs };
  }

  /** To a position, as far as its ends allow. */
  goto(at: number, share = 1): void {
    const within = limit(at, this.#from, this.#to);
    this.#aim = { kind: 'position', at: within, share: limit(Math.abs(share), 0.01, 1) };
  }

  stop(): void {
    this.#aim = rest;
  }

  /** One step of time that ends at `nowMs`. */
  step(nowMs: number): void {
    if (!this.moving) return;
    const seconds = stepMs / 1000;
    const wanted = this.#wanted(nowMs);
    const change = limit(
      wanted - this.#velocity,
      -this.#acceleration * seconds,
      this.#acceleration * seconds,
    );
    this.#velocity += change;
    this.#arrive(this.position + this.#velocity * seconds);
  }

  #wanted(nowMs: number): number {
    const aim = this.#aim;
    if (aim.kind === 'velocity' && nowMs >= aim.untilMs) this.#aim = rest;
    if (this.#aim.kind === 'velocity') return this.#aim.share * this.#speedMax;
    if (aim.kind !== 'position') return 0;
    const away = aim.at - this.position;
    const canBrake = Math.sqrt(2 * this.#acceleration * Math.abs(away));
    return Math.sign(away) * Math.min(canBrake, aim.share * this.#speedMax);
  }

  #arrive(next: number): void {
    const aim = this.#aim;
    const isPast = aim.kind === 'position' && (aim.at - this.position) * (aim.at - next) <= 0;
    const isAtEnd = next <= this.#from || next >= this.#to;
    this.position = isPast ? aim.at : limit(next, this.#from, this.#to);
    if (!isPast && !(isAtEnd && this.#velocity * (next - (this.#from + this.#to) / 2) > 0)) return;
    this.#velocity = 0;
    this.#aim = rest;
  }
}

export class Motion {
  readonly #options: MotionOptions;
  readonly #pan: Axis;
  readonly #tilt: Axis;
  readonly #zoom: Axis;
  #orders: { readonly atMs: number; readonly carryOut: () => void }[] = [];
  #nowMs: number;
  #stillSinceMs: number;
  #past: Past[] = [];

  /** Called when it is told to turn or to stop. */
  turned: () => void = () => {};

  constructor(options: Partial<MotionOptions> = {}) {
    this.#options = { ...usualMotion, ...options };
    const { panPerSecond, tiltPerSecond, zoomPerSecond, secondsToFullSpeed } = this.#options;
    this.#pan = new Axis(-1, 1, panPerSecond, secondsToFullSpeed);
    this.#tilt = new Axis(-1, 1, tiltPerSecond, secondsToFullSpeed);
    this.#zoom = new Axis(0, 1, zoomPerSecond, secondsToFullSpeed);
    this.#nowMs = this.#options.now();
    this.#stillSinceMs = this.#nowMs;
  }

  /** Now. */
  get position(): Position {
    this.#advance();
    return this.#now.position;
  }

  get moving(): Past['moving'] {
    this.#advance();
    return this.#now.moving;
  }

  /** Where it was and whether it moved so long ago, as far as that is remembered. */
  ago(ms: number): Omit<Past, 'atMs'> {
    const { position, moving } = this;
    if (ms === 0) return { position, moving };
    const thenMs = this.#options.now() - ms;
    const before = this.#past.findLast(({ atMs }) => atMs <= thenMs);
    return before ?? this.#past[0] ?? { position, moving };
  }

  /** CLOCK_MONOTONIC, milliseconds; null while anything moves or is about to. */
  get stillSinceMs(): number | null {
    this.#advance();
    return this.#isStill ? this.#stillSinceMs : null;
  }

  /** Shares of full speed with a sign; what is left out goes on as it does. */
  continuous(velocity: Partial<Position>, timeoutMs = this.#options.timeoutMs): void {
    this.turned();
    this.#order(() => {
      const { ignoresTimeout } = this.#options;
      const untilMs = ignoresTimeout ? Number.POSITIVE_INFINITY : this.#nowMs + timeoutMs;
      if (velocity.pan !== undefined) this.#pan.run(velocity.pan, untilMs);
      if (velocity.tilt !== undefined) this.#tilt.run(velocity.tilt, untilMs);
      if (velocity.zoom !== undefined) this.#zoom.run(velocity.zoom, untilMs);
    });
  }

  absolute(to: Partial<Position>, speed: Partial<Position> = {}): void {
    this.turned();
    this.#order(() => {
      if (to.pan !== undefined) this.#pan.goto(to.pan, speed.pan);
      if (to.tilt !== undefined) this.#tilt.goto(to.tilt, speed.tilt);
      if (to.zoom !== undefined) this.#zoom.goto(to.zoom, speed.zoom);
    });
  }

  /** From where it is when the order takes effect. `inView`: pan and tilt are halves of the field of
   * view, so that 1 brings the picture's edge into its middle. */
  relative(by: Partial<Position>, speed: Partial<Position> = {}, inView = false): void {
    this.turned();
    this.#order(() => {
      const halfView = fieldOfView(this.#zoom.position) / 2;
      const across = inView ? halfView / optics.panDegrees : 1;
      const down = inView ? (halfView * optics.heightToWidth) / optics.tiltDegrees : 1;
      const { pan, tilt, zoom } = by;
      if (pan !== undefined) this.#pan.goto(this.#pan.position + pan * across, speed.pan);
      if (tilt !== undefined) this.#tilt.goto(this.#tilt.position + tilt * down, speed.tilt);
      if (zoom !== undefined) this.#zoom.goto(this.#zoom.position + zoom, speed.zoom);
    });
  }

  stop({ panTilt = true, zoom = true } = {}): void {
    this.turned();
    this.#order(() => {
      if (panTilt) this.#pan.stop();
      if (panTilt) this.#tilt.stop();
      if (zoom) this.#zoom.stop();
    });
  }

  /** Without power: it brakes, and what was ordered is forgotten. */
  forget(): void {
    this.#advance();
    this.#orders = [];
    for (const axis of [this.#pan, this.#tilt, this.#zoom]) axis.stop();
  }

  get #now(): Past {
    const [pan, tilt, zoom] = [this.#pan.position, this.#tilt.position, this.#zoom.position];
    const moving = { panTilt: this.#pan.moving || this.#tilt.moving, zoom: this.#zoom.moving };
    return { atMs: this.#nowMs, position: { pan, tilt, zoom }, moving };
  }

  get #isStill(): boolean {
    const axes = [this.#pan, this.#tilt, this.#zoom];
    return this.#orders.length === 0 && !axes.some((axis) => axis.moving);
  }

  #order(carryOut: () => void): void {
    this.#advance();
    this.#orders.push({ atMs: this.#options.now() + this.#options.latencyMs, carryOut });
  }

  #advance(): void {
    const nowMs = this.#options.now();
    while (this.#nowMs + stepMs <= nowMs) {
      if (this.#isStill) {
        this.#remember();
        this.#nowMs = nowMs;
        return;
      }
      this.#remember();
      this.#nowMs += stepMs;
      while (this.#orders[0] && this.#orders[0].atMs <= this.#nowMs)
        this.#orders.shift()?.carryOut();
      for (const axis of [this.#pan, this.#tilt, this.#zoom]) axis.step(this.#nowMs);
      this.#stillSinceMs = this.#nowMs;
    }
  }

  /** Now and then on its way, and where it came to stand. */
  #remember(): void {
    const last = this.#past.at(-1);
    const isDue = this.#isStill
      ? last !== undefined && (last.moving.panTilt || last.moving.zoom)
      : last === undefined || this.#nowMs - last.atMs >= pastEveryMs;
    if (!isDue) return;
    this.#past.push(this.#now);
    if (this.#past.length > pastMax) this.#past.shift();
  }
}

function limit(value: number, from: number, to: number): number {
  return Math.min(to, Math.max(from, value));
}
