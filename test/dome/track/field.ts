// The field before the gate in virtual time: the tracker and the stick's hand as they are, the simulated
// dome's motors and analytics as they are; between them, in place of SOAP and RTSP, so many milliseconds.

import { DomeError } from '#agent/dome/error.ts';
import { Steer } from '#agent/dome/steer.ts';
import { framesOf } from '#agent/dome/track/frame.ts';
import { metadataLimits } from '#agent/dome/track/metadata.ts';
import { Tracker } from '#agent/dome/track/tracker.ts';
import { openXml } from '#agent/dome/xml.ts';
import { Analytics, type AnalyticsOptions } from '#agent/sim/dome/analytics/analytics.ts';
import { gateView, walkOf } from '#agent/sim/dome/analytics/walks.ts';
import { aimAt, boxOf, isHidden, type World } from '#agent/sim/dome/analytics/world.ts';
import { Motion, type MotionOptions, type Position } from '#agent/sim/dome/motion.ts';
import { VirtualClock } from '#test/fakes/clock.ts';

export interface FieldOptions {
  readonly world: World;
  readonly seed: number;
  /** It moves in halves of its picture; else by speeds. */
  readonly inView: boolean;
  readonly gate: Position;
  readonly motion: Partial<MotionOptions>;
  readonly analytics: Partial<AnalyticsOptions>;
  /** From a call to the dome, and back. */
  readonly callMs: number;
  /** What it tells of itself. */
  readonly tells: { readonly place: boolean; readonly moving: 'told' | 'frozen' | null };
  /** What it answers with a fault. */
  readonly refuses: readonly string[];
  readonly range: ConstructorParameters<typeof Steer>[0]['range'];
}

const usual: Omit<FieldOptions, 'world' | 'seed'> = {
  ...{ inView: true, gate: gateView, motion: {}, analytics: {}, callMs: 12, refuses: [] },
  tells: { place: true, moving: 'told' },
  range: { pan: null, tilt: null, zoom: null },
};

/** One moment: where the first of the world's people is in the picture, and in pan and tilt. */
export interface Moment {
  readonly s: number;
  readonly x: number;
  readonly y: number;
  readonly target: { readonly pan: number; readonly tilt: number };
  readonly dome: Position;
  readonly moving: boolean;
  readonly following: boolean;
  readonly hidden: boolean;
}

const sampleMs = 50;

export class Field {
  readonly clock = new VirtualClock();
  readonly motion: Motion;
  readonly analytics: Analytics;
  readonly moments: Moment[] = [];
  /** What went out, with seconds. */
  readonly asked: { readonly s: number; readonly what: string }[] = [];
  readonly tracker: Tracker;
  readonly steer: Steer;
  /** How often it began to follow somebody. */
  met = 0;
  /** Nothing reaches it, and nothing comes back. */
  silent = false;
  readonly #options: FieldOptions;
  #unlisten: () => void = () => {};

  private constructor(options: FieldOptions) {
    this.#options = options;
    const now = () => this.clock.monoMs;
    this.motion = new Motion({ ...options.motion, now });
    this.motion.absolute(options.gate);
    this.clock.advance(5000);
    this.analytics = new Analytics(
      {
        ...{ now, after: (ms: number, call: () => void) => this.clock.after(ms, call) },
        ...options.analytics,
        detector: { seed: options.seed, ...options.analytics.detector },
        world: options.world,
      },
      this.motion,
      () => this.clock.wallMs + 3_600_000,
    );
    this.steer = this.#steer();
    this.tracker = this.#tracker();
  }

  static async open(
    options: Partial<FieldOptions> & Pick<FieldOptions, 'world' | 'seed'>,
  ): Promise<Field> {
    const field = new Field({ ...usual, ...options });
    const parse = await openXml(metadataLimits.marks);
    field.#unlisten = field.analytics.listen((document) => {
      for (const frame of framesOf(parse(document))) field.tracker.saw(frame);
    });
    field.#sample();
    return field;
  }

  get seconds(): number {
    return this.analytics.seconds;
  }

  async pass(seconds: number): Promise<void> {
    await this.clock.pass(seconds * 1000);
  }

  async close(): Promise<void> {
    this.tracker.close();
    this.#unlisten();
    this.clock.forget();
  }

  /** Share of the moments from `fromS` on in which he is within so much of the picture's middle. */
  within(part: number, fromS = 3, toS = Number.POSITIVE_INFINITY): number {
    const counted = this.moments.filter(({ s }) => s >= fromS && s < toS);
    const good = counted.filter(({ x, y }) => Math.abs(x) <= part && Math.abs(y) <= part);
    return good.length / counted.length;
  }

  /** How long he was out of sight in all. */
  hiddenS(): number {
    return (this.moments.filter(({ hidden }) => hidden).length * sampleMs) / 1000;
  }

  #sample(): void {
    const [person] = this.#options.world.things;
    const at = person?.at(this.seconds);
    const dome = this.motion.position;
    const box = person && at ? boxOf(person, at, dome) : null;
    if (person && at && box)
      this.moments.push({
        s: this.seconds,
        x: (box.left + box.right) / 2,
        y: (box.top + box.bottom) / 2,
        target: aimAt(person, at),
        dome,
        moving: this.motion.stillSinceMs === null,
        following: this.tracker.isFollowing,
        hidden: isHidden(this.#options.world, at),
      });
    this.clock.after(sampleMs, () => this.#sample());
  }

  /** There, done, and back. */
  async #call<T>(what: string, act: () => T): Promise<T> {
    const { callMs, refuses } = this.#options;
    this.asked.push({ s: this.seconds, what });
    const wait = (ms = callMs) => new Promise<void>((done) => void this.clock.after(ms, done));
    await wait();
    if (this.silent) {
      await wait(1000);
      throw new DomeError('timeout', 'no answer');
    }
    if (refuses.includes(what)) throw new DomeError('fault', 'not supported');
    const answer = act();
    await wait();
    return answer;
  }

  #status() {
    const { tells } = this.#options;
    const { panTilt, zoom } = this.motion.moving;
    const nothing = { pan: null, tilt: null, zoom: null };
    return {
      place: tells.place ? this.motion.position : nothing,
      moving: tells.moving && (tells.moving === 'frozen' || panTilt || zoom),
      utcMs: this.clock.wallMs + 3_600_000,
    };
  }

  #steer(): Steer {
    const look = () => this.#call('look', () => this.#status());
    return new Steer({
      ...{ clock: this.clock, range: this.#options.range, look, outcome: () => {} },
      move: ({ pan, tilt }) =>
        this.#call('move', () => this.motion.continuous({ pan, tilt, zoom: 0 }, 1000)),
      stop: () => this.#call('stop', () => this.motion.stop()),
    });
  }

  #tracker(): Tracker {
    const { clock, steer } = this;
    return new Tracker({
      ...{ clock, rate: 0.5, metadata: { open: async () => {}, close: () => {} } },
      look: () => this.#call('look', () => this.#status()),
      run: (motion) => steer.want(motion),
      turn: ({ x, y }) =>
        this.#call('turn', () => this.motion.relative({ pan: x, tilt: y }, {}, true)),
      canTurn: async () => this.#options.inView,
      stop: () => this.#call('stop', () => this.motion.stop()),
      back: () => void this.#call('back', () => this.motion.absolute(this.#options.gate)),
      met: () => void this.met++,
    });
  }
}

/** One of the walks of the figures, from its beginning to its end. */
export async function walked(
  seed: number,
  options: Partial<FieldOptions> = {},
  seconds = 35,
): Promise<Field> {
  const field = await Field.open({ world: walkOf(seed), seed, ...options });
  field.tracker.want(true);
  await field.pass(seconds);
  await field.close();
  return field;
}
