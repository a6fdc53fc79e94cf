// People before the gate, by seed: who walks past at a steady pace and turns back now and then, who stands,
// who crosses behind a tree; a car; and presets that look at the gate.

import { seeded } from '../../chance.ts';
import type { Position } from '../motion.ts';
import { aimAt, type Spot, type Thing, type World } from './world.ts';

export interface WalkOptions {
  /** Metres a second. */
  readonly pace: number;
  /** From the dome, in the middle of the walk. */
  readonly awayM: number;
  readonly seconds: number;
}

export const usualWalk: WalkOptions = { pace: 1.5, awayM: 15, seconds: 40 };

const person = { kind: 'Human', widthM: 0.6, heightM: 1.7 } as const;
const car = { kind: 'Vehicle', widthM: 4.2, heightM: 1.5 } as const;

/** Looks at the gate, whose middle is 15 m straight ahead. */
export const gateView: Position = {
  ...aimAt({ ...person, at: () => null }, { x: 0, y: usualWalk.awayM }),
  zoom: 0.25,
};

const stepS = 0.1;
const reachM = 12;
const strayM = 2;

/** A walk along the road by the gate: each few seconds another way within 25 degrees, back at its ends. */
export function walker(seed: number, options: Partial<WalkOptions> = {}): Thing {
  const { pace, awayM, seconds } = { ...usualWalk, ...options };
  const chance = seeded(seed);
  let way = chance() < 0.5 ? -1 : 1;
  let spot: Spot = { x: -way * chance() * 4, y: awayM + (chance() - 0.5) * 2 };
  let slant = 0;
  let turnS = 0;
  const path: Spot[] = [];
  for (let s = 0; s <= seconds; s += stepS) {
    path.push(spot);
    if (s >= turnS) {
      turnS = s + 2 + chance() * 3;
      slant = (chance() - 0.5) * 2 * 0.44;
      if (chance() < 0.1) way = -way;
    }
    if (spot.x * way > reachM) way = -way;
    const off = (spot.y - awayM) / strayM;
    const course = Math.max(-0.6, Math.min(0.6, slant - off * 0.4));
    const step = pace * stepS;
    spot = { x: spot.x + way * step * Math.cos(course), y: spot.y + step * Math.sin(course) };
  }
  return { ...person, at: (s) => between(path, s / stepS) };
}

export const stander = (spot: Spot): Thing => ({ ...person, at: () => spot });

/** Straight ahead from `from`, for so long as the scene lasts; stands from `stopS` on. */
export function straight(from: Spot, by: Spot, stopS = Number.POSITIVE_INFINITY): Thing {
  const at = (s: number): Spot => {
    const walked = Math.min(s, stopS);
    return { x: from.x + by.x * walked, y: from.y + by.y * walked };
  };
  return { ...person, at };
}

/** Drives past, from the left or from the right. */
export const passingCar = (fromS: number, way: 1 | -1, metresASecond = 8): Thing => ({
  ...car,
  at: (s) => (s < fromS ? null : { x: way * (-30 + (s - fromS) * metresASecond), y: 22 }),
});

/** A walk of the figures: every other one with a second person and a car, every third behind trees. */
export function walkOf(seed: number): World {
  const others =
    seed % 2 === 0 ? [] : [straight({ x: 9, y: 20 }, { x: -0.9, y: 0 }), passingCar(6, 1)];
  const trees = seed % 3 === 0 ? [{ x: 4.5, y: 11, widthM: 0.8 }] : [];
  return { things: [walker(seed), ...others], trees };
}

function between(path: readonly Spot[], at: number): Spot | null {
  const from = path[Math.min(path.length - 1, Math.max(0, Math.floor(at)))];
  const to = path[Math.min(path.length - 1, Math.max(0, Math.ceil(at)))];
  if (!from || !to) return null;
  const part = Math.min(1, Math.max(0, at - Math.floor(at)));
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
