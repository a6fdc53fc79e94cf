// What the dome's analytics have seen in one picture, out of ONVIF's metadata stream. Readers never trust a
// shape: what is no box is left out, and of many objects the first ones are taken.

import { type Place, placeOf } from '../motion-operations.ts';
import { all, at, text, type XmlNode } from '../xml.ts';

/** -1 to 1 from the picture's middle; x to the right, y up. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

export interface Seen {
  /** Of the dome; may change when it was out of sight. */
  readonly id: string;
  /** Null: the dome does not say what it is. */
  readonly isPerson: boolean | null;
  readonly box: Box;
}

export interface Frame {
  /** The dome's clock when the picture was taken, Unix ms; null: not told. */
  readonly utcMs: number | null;
  /** Where it looked; null where the stream does not say. */
  readonly place: Place | null;
  readonly objects: readonly Seen[];
}

export const frameLimits = { frames: 8, objects: 64 } as const;

/** Surer than that, or it is not called one. */
const likely = 0.3;
const persons = /^(human|person|pedestrian|body|humanbody|humanface|face)$/i;

/** Of one document; none where it tells of something else (events come by the same stream). */
export function framesOf(document: XmlNode): Frame[] {
  return all(document, 'MetadataStream', 'VideoAnalytics', 'Frame')
    .slice(0, frameLimits.frames)
    .map((frame) => {
      const utcMs = Date.parse(text(frame, '@UtcTime') ?? '');
      const position = at(frame, 'PTZStatus', 'Position');
      const outer = transformationOf(frame);
      const objects = all(frame, 'Object').slice(0, frameLimits.objects);
      return {
        utcMs: Number.isNaN(utcMs) ? null : utcMs,
        place: position === null ? null : placeOf(position),
        objects: objects.flatMap((one) => seenOf(one, outer) ?? []),
      };
    });
}

type Transformation = (point: { readonly x: number; readonly y: number }) => typeof point;

/** Scaled, then moved; unchanged where there is none. */
function transformationOf(node: XmlNode | null): Transformation {
  const inner = at(node, 'Transformation');
  const number = (name: string, axis: string, otherwise: number): number =>
    Number(text(inner, name, axis) ?? otherwise);
  const scale = { x: number('Scale', '@x', 1), y: number('Scale', '@y', 1) };
  const by = { x: number('Translate', '@x', 0), y: number('Translate', '@y', 0) };
  return ({ x, y }) => ({ x: x * scale.x + by.x, y: y * scale.y + by.y });
}

function seenOf(object: XmlNode, outer: Transformation): Seen | null {
  const appearance = at(object, 'Appearance');
  const id = text(object, '@ObjectId');
  const box = boxOf(at(appearance, 'Shape', 'BoundingBox'), (point) =>
    outer(transformationOf(appearance)(point)),
  );
  return id !== null && box ? { id, isPerson: isPerson(appearance), box } : null;
}

function boxOf(node: XmlNode | null, within: Transformation): Box | null {
  const number = (name: string): number => Number(text(node, name) ?? Number.NaN);
  const a = within({ x: number('@left'), y: number('@top') });
  const b = within({ x: number('@right'), y: number('@bottom') });
  const box: Box = {
    ...{ left: Math.min(a.x, b.x), right: Math.max(a.x, b.x) },
    ...{ bottom: Math.min(a.y, b.y), top: Math.max(a.y, b.y) },
  };
  const isWithin = Object.values(box).every((edge) => Math.abs(edge) <= 1.5);
  return isWithin && box.left < box.right && box.bottom < box.top ? box : null;
}

/** By the words of today, `Type` with a likelihood, or those of years ago, a list of candidates. */
function isPerson(appearance: XmlNode | null): boolean | null {
  const today = all(appearance, 'Class', 'Type').map((type) => ({
    word: text(type) ?? '',
    likelihood: Number(text(type, '@Likelihood') ?? 1),
  }));
  const once = all(appearance, 'Class', 'ClassCandidate').map((one) => ({
    word: text(one, 'Type') ?? '',
    likelihood: Number(text(one, 'Likelihood') ?? 1),
  }));
  const words = [...today, ...once].filter(({ likelihood }) => likelihood >= likely);
  if (words.length === 0) return null;
  return words.some(({ word }) => persons.test(word.trim()));
}
