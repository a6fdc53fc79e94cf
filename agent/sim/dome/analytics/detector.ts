// What the dome's analytics make of its picture: a box and a number for each thing they see. Boxes tremble,
// now and then one is missed, nothing is seen behind a tree or with less than half of itself in the
// picture, and who comes back after a while gets another number.

import { seeded } from '../../chance.ts';
import type { Position } from '../motion.ts';
import { type Box, boxOf, isHidden, type Kind, type Thing, type World } from './world.ts';

export interface Seen {
  readonly id: number;
  readonly kind: Kind;
  readonly likelihood: number;
  readonly box: Box;
}

export interface DetectorOptions {
  readonly seed: number;
  /** Of a box's size, from one picture to the next. */
  readonly tremble: number;
  /** How many of a hundred are missed. */
  readonly missedPct: number;
  /** Unseen for so long, it is somebody new. */
  readonly forgetsS: number;
}

export const usualDetector: DetectorOptions = {
  ...{ seed: 1, tremble: 0.02, missedPct: 2, forgetsS: 0.5 },
};

export class Detector {
  readonly #world: World;
  readonly #options: DetectorOptions;
  readonly #chance: () => number;
  readonly #known = new Map<Thing, { readonly id: number; readonly seenS: number }>();
  #ids = 100;

  constructor(world: World, options: Partial<DetectorOptions> = {}) {
    this.#world = world;
    this.#options = { ...usualDetector, ...options };
    this.#chance = seeded(this.#options.seed);
  }

  /** One picture, so many seconds into the scene. */
  see(seconds: number, view: Position): Seen[] {
    const { missedPct } = this.#options;
    return this.#world.things.flatMap((thing): Seen[] => {
      const at = thing.at(seconds);
      const whole = at && !isHidden(this.#world, at) ? boxOf(thing, at, view) : null;
      const box = whole && withinPicture(whole);
      const isMissed = this.#chance() * 100 < missedPct;
      if (!box || isMissed) return [];
      const { id } = this.#know(thing, seconds);
      const likelihood = 0.7 + 0.3 * this.#chance();
      return [{ id, kind: thing.kind, likelihood, box: this.#trembling(box) }];
    });
  }

  #know(thing: Thing, seconds: number): { readonly id: number } {
    const before = this.#known.get(thing);
    const isSame = before && seconds - before.seenS < this.#options.forgetsS;
    const id = isSame ? before.id : ++this.#ids;
    this.#known.set(thing, { id, seenS: seconds });
    return { id };
  }

  #trembling({ left, top, right, bottom }: Box): Box {
    const { tremble } = this.#options;
    const across = () => spread(this.#chance) * tremble * (right - left);
    const down = () => spread(this.#chance) * tremble * (top - bottom);
    return {
      left: left + across(),
      right: right + across(),
      top: top + down(),
      bottom: bottom + down(),
    };
  }
}

/** Cut at the picture's edges; null where less than half of it is left. */
function withinPicture(box: Box): Box | null {
  const cut = (value: number) => Math.min(1, Math.max(-1, value));
  const inside: Box = {
    ...{ left: cut(box.left), right: cut(box.right), top: cut(box.top), bottom: cut(box.bottom) },
  };
  const area = ({ left, right, top, bottom }: Box) => (right - left) * (top - bottom);
  return area(inside) < area(box) / 2 ? null : inside;
}

/** About 0, with a spread of 1 or so (the sum of twelve). */
function spread(chance: () => number): number {
  let sum = -6;
  for (let n = 0; n < 12; n++) sum += chance();
  return sum;
}
