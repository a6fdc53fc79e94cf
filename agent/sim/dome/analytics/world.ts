// What walks, drives and stands before the gate, in metres on the ground under the dome, and how the dome's
// lens sees it: a pinhole that is turned by pan and tilt. x is to the right of pan 0, y straight ahead.

import type { Position } from '../motion.ts';
import { fieldOfView, optics } from '../scene/optics.ts';

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export type Kind = 'Human' | 'Vehicle';

export interface Thing {
  readonly kind: Kind;
  readonly widthM: number;
  readonly heightM: number;
  /** Seconds since the scene began; null: not there. */
  readonly at: (seconds: number) => Spot | null;
}

/** Hides what is behind it. */
export interface Tree extends Spot {
  readonly widthM: number;
}

export interface World {
  readonly things: readonly Thing[];
  readonly trees: readonly Tree[];
}

/** Of the dome, above the ground. */
export const domeHeightM = 5;

/** In ONVIF's normalised coordinates: -1 to 1, from the picture's middle, y up. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const radians = Math.PI / 180;

/** Where a point shows, in halves of the picture; null: behind the lens. `up` is above the ground. */
function shown({ x, y }: Spot, up: number, view: Position): Spot | null {
  const pan = view.pan * optics.panDegrees * radians;
  const tilt = view.tilt * optics.tiltDegrees * radians;
  const ahead = x * Math.sin(pan) + y * Math.cos(pan);
  const right = x * Math.cos(pan) - y * Math.sin(pan);
  const rise = up - domeHeightM;
  const depth = ahead * Math.cos(tilt) + rise * Math.sin(tilt);
  if (depth < 0.1) return null;
  const half = Math.tan((fieldOfView(view.zoom) / 2) * radians);
  const above = rise * Math.cos(tilt) - ahead * Math.sin(tilt);
  return { x: right / depth / half, y: above / depth / (half * optics.heightToWidth) };
}

/** All of a thing, whether or not it is within the picture. */
export function boxOf(thing: Thing, at: Spot, view: Position): Box | null {
  const foot = shown(at, 0, view);
  const head = shown(at, thing.heightM, view);
  if (!foot || !head) return null;
  const away = Math.hypot(at.x, at.y, domeHeightM);
  const half = Math.tan((fieldOfView(view.zoom) / 2) * radians);
  const side = thing.widthM / 2 / away / half;
  const middle = (foot.x + head.x) / 2;
  return { left: middle - side, right: middle + side, top: head.y, bottom: foot.y };
}

/** The middle of its body stands behind a tree. */
export function isHidden({ trees }: World, at: Spot): boolean {
  const away = Math.hypot(at.x, at.y);
  return trees.some((tree) => {
    const treeAway = Math.hypot(tree.x, tree.y);
    const apart = Math.abs(Math.atan2(at.x, at.y) - Math.atan2(tree.x, tree.y));
    return away > treeAway && apart < Math.atan(tree.widthM / 2 / treeAway);
  });
}

/** Pan and tilt that bring a thing's middle into the picture's. */
export function aimAt(thing: Thing, at: Spot): { readonly pan: number; readonly tilt: number } {
  const away = Math.hypot(at.x, at.y);
  const rise = thing.heightM / 2 - domeHeightM;
  return {
    pan: Math.atan2(at.x, at.y) / radians / optics.panDegrees,
    tilt: Math.atan2(rise, away) / radians / optics.tiltDegrees,
  };
}
