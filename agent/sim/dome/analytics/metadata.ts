// What the dome sees, as ONVIF's metadata stream says it: one XML document a picture.

import type { Position } from '../motion.ts';
import type { Seen } from './detector.ts';
import type { Box } from './world.ts';

export interface Wording {
  /** Boxes in pixels of such a picture, y down, and a Transformation that says so; null: normalised. */
  readonly pixels: { readonly width: number; readonly height: number } | null;
  /** How it names what it sees: as today, as years ago, not at all. */
  readonly classes: 'type' | 'candidate' | 'none';
  /** Each picture says where the dome looked. */
  readonly place: boolean;
}

export const usualWording: Wording = { pixels: null, classes: 'type', place: false };

const number = (value: number): string => value.toFixed(4);

function className({ kind, likelihood }: Seen, { classes }: Wording): string {
  const sure = likelihood.toFixed(2);
  if (classes === 'none') return '';
  const inner =
    classes === 'type'
      ? `<tt:Type Likelihood="${sure}">${kind}</tt:Type>`
      : `<tt:ClassCandidate><tt:Type>${kind}</tt:Type><tt:Likelihood>${sure}</tt:Likelihood>` +
        '</tt:ClassCandidate>';
  return `<tt:Class>${inner}</tt:Class>`;
}

function worded({ left, top, right, bottom }: Box, { pixels }: Wording): Box {
  if (!pixels) return { left, top, right, bottom };
  const x = (value: number) => ((value + 1) * pixels.width) / 2;
  const y = (value: number) => ((1 - value) * pixels.height) / 2;
  return { left: x(left), right: x(right), top: y(top), bottom: y(bottom) };
}

function object(seen: Seen, wording: Wording): string {
  const { left, top, right, bottom } = worded(seen.box, wording);
  const box =
    `<tt:BoundingBox left="${number(left)}" top="${number(top)}"` +
    ` right="${number(right)}" bottom="${number(bottom)}"/>`;
  const middle = `x="${number((left + right) / 2)}" y="${number((top + bottom) / 2)}"`;
  return (
    `<tt:Object ObjectId="${seen.id}"><tt:Appearance>` +
    `<tt:Shape>${box}<tt:CenterOfGravity ${middle}/></tt:Shape>` +
    `${className(seen, wording)}</tt:Appearance></tt:Object>`
  );
}

/** `wallMs`: the dome's own clock when the picture was taken. */
export function writeFrame(
  seen: readonly Seen[],
  wallMs: number,
  view: Position,
  wording: Wording = usualWording,
): string {
  const { pixels, place } = wording;
  const transformation = pixels
    ? '<tt:Transformation><tt:Translate x="-1" y="1"/>' +
      `<tt:Scale x="${2 / pixels.width}" y="${-2 / pixels.height}"/></tt:Transformation>`
    : '';
  const status = place
    ? `<tt:PTZStatus><tt:Position><tt:PanTilt x="${view.pan.toFixed(5)}" y="${view.tilt.toFixed(5)}"/>` +
      `<tt:Zoom x="${view.zoom.toFixed(5)}"/></tt:Position></tt:PTZStatus>`
    : '';
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema"><tt:VideoAnalytics>' +
    `<tt:Frame UtcTime="${new Date(wallMs).toISOString()}">${status}${transformation}` +
    `${seen.map((one) => object(one, wording)).join('')}` +
    '</tt:Frame></tt:VideoAnalytics></tt:MetadataStream>'
  );
}
