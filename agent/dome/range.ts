// Where the dome may look when people turn it: what lies beyond is somebody's privacy. Limits are those of
// the dome's profile, in ONVIF's generic coordinates; an axis without one is free. Pan goes round.

import type { Velocity } from '../core/command.ts';
import type { Place } from './motion-operations.ts';

/** From and to. Of pan `from` may be above `to`: across the point behind. */
type Span = readonly [number, number];
export type Range = { readonly [A in keyof Velocity]: Span | null };

const axes = ['pan', 'tilt', 'zoom'] as const;
type Axis = (typeof axes)[number];

/** Of full speed; what is slower stands. */
const slowest = 0.05;
/** All the way round in pan. */
const round = 2;

/** How far it is from `a` up to `b`. */
const gap = (axis: Axis, a: number, b: number): number =>
  axis === 'pan' ? (((b - a) % round) + round) % round : b - a;

/** Pan -1 and 1 are one place, whichever of them the dome tells. */
function holds(axis: Axis, [from, to]: Span, at: number): boolean {
  if (axis !== 'pan') return at >= from && at <= to;
  const width = gap(axis, from, to) || (from === to ? 0 : round);
  return gap(axis, from, at) <= width;
}

export const isLimited = (range: Range): boolean => axes.some((axis) => range[axis] !== null);

/** The first axis on which a place is beyond, with its limits in words; null: it is allowed. */
export function beyond(range: Range, place: Place): string | null {
  for (const axis of axes) {
    const [span, at] = [range[axis], place[axis]];
    if (!span || at === null || holds(axis, span, at)) continue;
    return `${axis} ${at.toFixed(2)} is beyond ${span[0]} to ${span[1]}, and what lies there is private`;
  }
  return null;
}

/** The part of a velocity that stays inside, which gets slower towards a border: `travel` is how far the dome
 * goes on by it before it can be stopped. From outside, the shorter way in. An axis of which the dome
 * does not tell where it is goes as it is asked to. */
export function within(range: Range, asked: Velocity, place: Place, travel: Velocity): Velocity {
  const allowed = (axis: Axis): number => {
    const [span, at, speed] = [range[axis], place[axis], asked[axis]];
    if (!span || at === null || speed === 0) return speed;
    const [from, to] = span;
    if (holds(axis, span, at)) {
      const room = speed > 0 ? gap(axis, at, to) : gap(axis, from, at);
      const slower = room < travel[axis] ? (speed * room) / travel[axis] : speed;
      return slower !== speed && Math.abs(slower) < slowest ? 0 : slower;
    }
    const [up, down] = [gap(axis, at, from), gap(axis, to, at)];
    const isUpShorter = axis === 'pan' ? up <= down : up > 0;
    return speed > 0 === isUpShorter ? speed : 0;
  };
  return { pan: allowed('pan'), tilt: allowed('tilt'), zoom: allowed('zoom') };
}

/** A place beyond it, on one axis; null: it has no limits that could be overstepped. */
export function outside(range: Range) {
  const free = { op: 'absolute', pan: null, tilt: null, zoom: null } as const;
  for (const axis of axes) {
    const span = range[axis];
    if (!span) continue;
    const [from, to] = span;
    const least = axis === 'zoom' ? 0 : -1;
    const inGap = to + (round - gap('pan', from, to)) / 2;
    const around = inGap > 1 ? inGap - round : inGap;
    const at = axis === 'pan' ? around : to < 1 ? (to + 1) / 2 : (from + least) / 2;
    if (!holds(axis, span, at)) return { ...free, [axis]: at };
  }
  return null;
}
