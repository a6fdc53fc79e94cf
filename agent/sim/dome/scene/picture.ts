// Draws the scene as I420 frames, cheaply: the view into the panorama is sampled anew only while the
// dome moves, and copied otherwise.

import {
  cellOf,
  codeOf,
  type Drawn,
  type Rectangle,
  type Scene,
  sirenArea,
  strobeArea,
} from './code.ts';
import { fieldOfView, optics } from './optics.ts';
import { panorama, panoramaHeight, panoramaWidth, pixelsPerDegree } from './panorama.ts';

type Ink = readonly [y: number, u: number, v: number];
const black: Ink = [16, 128, 128];
const white: Ink = [235, 128, 128];
const coat: Ink = [90, 160, 110];
const inks = {
  strobe: { off: [150, 128, 128], red: [81, 90, 240], blue: [41, 240, 110] },
  siren: { on: [210, 16, 146], off: [50, 128, 128] },
} satisfies { strobe: { [state in Scene['strobe']]: Ink }; siren: { on: Ink; off: Ink } };

/** By its own lamp; of 255. */
const lamp = 30;

export interface Lit {
  readonly boxes?: readonly Drawn[];
  /** Its own lamp is on. */
  readonly lit?: boolean;
}

export class Picture {
  readonly width: number;
  readonly height: number;
  readonly #view: Buffer;
  #seen = '';

  /** Even sizes. */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#view = Buffer.alloc(this.bytes);
  }

  /** Of a frame. */
  get bytes(): number {
    return (this.width * this.height * 3) / 2;
  }

  /** Fills `frame`. */
  draw(frame: Buffer, scene: Scene & Lit): void {
    const { pan, tilt, zoom, lit = false } = scene;
    const seen = `${pan} ${tilt} ${zoom} ${lit}`;
    if (seen !== this.#seen) this.#look(pan, tilt, zoom);
    if (seen !== this.#seen && lit) this.#brighten();
    this.#seen = seen;
    this.#view.copy(frame);
    for (const box of scene.boxes ?? []) this.#fill(frame, areaOf(box), coat);
    this.#fill(frame, strobeArea, inks.strobe[scene.strobe]);
    this.#fill(frame, sirenArea, scene.siren ? inks.siren.on : inks.siren.off);
    codeOf(scene).forEach((bit, n) => {
      this.#fill(frame, cellOf(n), bit ? white : black);
    });
  }

  #look(pan: number, tilt: number, zoom: number): void {
    const { y, u, v } = panorama();
    const { width, height } = this;
    const centre = {
      x: (180 + pan * optics.panDegrees) * pixelsPerDegree,
      y: panoramaHeight / 2 - tilt * optics.tiltDegrees * pixelsPerDegree,
    };
    const step = (fieldOfView(zoom) * pixelsPerDegree) / width;
    const luma = width * height;
    this.#sample(y, 0, 1, centre, step);
    this.#sample(u, luma, 2, centre, step);
    this.#sample(v, luma + luma / 4, 2, centre, step);
  }

  #brighten(): void {
    const luma = this.width * this.height;
    for (let n = 0; n < luma; n++) this.#view[n] = Math.min(235, (this.#view[n] ?? 0) + lamp);
  }

  #sample(
    plane: Uint8Array,
    at: number,
    shrunk: 1 | 2,
    centre: { readonly x: number; readonly y: number },
    step: number,
  ): void {
    const width = this.width / shrunk;
    const height = this.height / shrunk;
    const stride = panoramaWidth / shrunk;
    const from = Int32Array.from({ length: width }, (_, x) => {
      const column = Math.floor(centre.x / shrunk + (x - width / 2) * step);
      return ((column % stride) + stride) % stride;
    });
    const last = panoramaHeight / shrunk - 1;
    for (let y = 0; y < height; y++) {
      const row = Math.floor(centre.y / shrunk + (y - height / 2) * step);
      const source = Math.min(Math.max(row, 0), last) * stride;
      const to = at + y * width;
      for (let x = 0; x < width; x++) this.#view[to + x] = plane[source + (from[x] ?? 0)] ?? 0;
    }
  }

  #fill(frame: Buffer, area: Rectangle, [y, u, v]: Ink): void {
    const luma = this.width * this.height;
    this.#plane(frame, 0, 1, area, y);
    this.#plane(frame, luma, 2, area, u);
    this.#plane(frame, luma + luma / 4, 2, area, v);
  }

  #plane(frame: Buffer, at: number, shrunk: 1 | 2, area: Rectangle, level: number): void {
    const width = this.width / shrunk;
    const height = this.height / shrunk;
    const left = Math.round(area.x * width);
    const right = Math.round((area.x + area.width) * width);
    const bottom = Math.round((area.y + area.height) * height);
    for (let y = Math.round(area.y * height); y < bottom; y++)
      frame.fill(level, at + y * width + left, at + y * width + right);
  }
}

/** As far as it is within the picture. */
function areaOf({ left, top, right, bottom }: Drawn): Rectangle {
  const part = (from: number, to: number) => {
    const [a, b] = [from, to].map((value) => Math.min(1, Math.max(0, (value + 1) / 2)));
    return { from: a ?? 0, size: (b ?? 0) - (a ?? 0) };
  };
  const [x, y] = [part(left, right), part(-top, -bottom)];
  return { x: x.from, y: y.from, width: x.size, height: y.size };
}
