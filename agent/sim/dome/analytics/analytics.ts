// The dome's analytics at work: ten pictures a second while somebody listens, each told a while after it was
// taken. Time may be a test's own.

import { seeded } from '../../chance.ts';
import { monotonicMs } from '../actuators.ts';
import type { Motion } from '../motion.ts';
import { Detector, type DetectorOptions } from './detector.ts';
import { usualWording, type Wording, writeFrame } from './metadata.ts';
import { type Box, boxOf, isHidden, type World } from './world.ts';

export interface AnalyticsOptions {
  readonly world: World;
  readonly detector: Partial<DetectorOptions>;
  readonly wording: Partial<Wording>;
  /** From a picture to what is told of it; and how much that changes. */
  readonly latencyMs: number;
  readonly jitterMs: number;
  readonly everyMs: number;
  /** CLOCK_MONOTONIC, milliseconds, as the motors have it. */
  readonly now: () => number;
  readonly after: (delayMs: number, call: () => void) => () => void;
}

const realAfter = (delayMs: number, call: () => void): (() => void) => {
  const timer = setTimeout(call, delayMs);
  return () => clearTimeout(timer);
};

export const usualAnalytics: AnalyticsOptions = {
  ...{ world: { things: [], trees: [] }, detector: {}, wording: {} },
  ...{ latencyMs: 200, jitterMs: 60, everyMs: 100, now: monotonicMs, after: realAfter },
};

type Listener = (document: string, takenMs: number) => void;

export class Analytics {
  readonly #options: AnalyticsOptions;
  readonly #motion: Motion;
  readonly #wallMs: () => number;
  readonly #chance: () => number;
  readonly #listeners = new Set<Listener>();
  readonly #pending = new Set<() => void>();
  #detector: Detector;
  #world: World;
  #beganMs: number;
  #stop: (() => void) | null = null;
  #dueMs = 0;

  constructor(options: Partial<AnalyticsOptions>, motion: Motion, wallMs: () => number) {
    this.#options = { ...usualAnalytics, ...options };
    this.#motion = motion;
    this.#wallMs = wallMs;
    const { world, detector, now } = this.#options;
    this.#chance = seeded((detector.seed ?? 1) + 1000);
    this.#world = world;
    this.#detector = new Detector(world, detector);
    this.#beganMs = now();
  }

  /** Of the scene. */
  get seconds(): number {
    return (this.#options.now() - this.#beganMs) / 1000;
  }

  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Another scene, from its beginning. */
  play(world: World): void {
    this.#world = world;
    this.#beganMs = this.#options.now();
    this.#detector = new Detector(world, this.#options.detector);
  }

  /** Where everything shows now that can be seen, for who draws it. */
  get boxes(): Box[] {
    const view = this.#motion.position;
    return this.#world.things.flatMap((thing) => {
      const at = thing.at(this.seconds);
      const box = at && !isHidden(this.#world, at) ? boxOf(thing, at, view) : null;
      return box ?? [];
    });
  }

  /** Documents from now on, until what it returns is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (!this.#stop) {
      this.#dueMs = this.#options.now();
      this.#step();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
    for (const cancel of this.#pending) cancel();
    this.#pending.clear();
  }

  #step(): void {
    const { now, everyMs, after } = this.#options;
    this.#take();
    this.#dueMs = Math.max(this.#dueMs + everyMs, now());
    this.#stop = after(Math.max(0, this.#dueMs - now()), () => this.#step());
  }

  #take(): void {
    const { now, latencyMs, jitterMs, after } = this.#options;
    const takenMs = now();
    const view = this.#motion.position;
    const seen = this.#detector.see(this.seconds, view);
    const wording = { ...usualWording, ...this.#options.wording };
    const document = writeFrame(seen, this.#wallMs(), view, wording);
    const cancel = after(latencyMs + jitterMs * this.#chance(), () => {
      this.#pending.delete(cancel);
      for (const listener of this.#listeners) listener(document, takenMs);
    });
    this.#pending.add(cancel);
  }
}
