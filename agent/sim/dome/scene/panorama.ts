// The world around the simulated dome as one picture: sky, ground, houses with windows, and a scale in
// degrees, so that a person sees which way it turns. Made once, by formula; no file, no licence.

/** Pixels to a degree. */
export const pixelsPerDegree = 8;
export const panoramaWidth = 360 * pixelsPerDegree;
export const panoramaHeight = 130 * pixelsPerDegree;

/** Planes of 4:2:0, video levels. */
export interface Planes {
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
}

/** Rows of three bits, for a scale of degrees. */
const digits = [
  0o75557, 0o26227, 0o71747, 0o71717, 0o55711, 0o74717, 0o74757, 0o71111, 0o75757, 0o75717,
];
const minus = 0o00700;

interface Ink {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}
const houses: readonly Ink[] = [
  { y: 150, u: 110, v: 150 },
  { y: 120, u: 128, v: 128 },
  { y: 170, u: 115, v: 135 },
  { y: 95, u: 135, v: 140 },
  { y: 135, u: 140, v: 118 },
];
const ink = (y: number, u = 128, v = 128): Ink => ({ y, u, v });

class Canvas implements Planes {
  readonly y = new Uint8Array(panoramaWidth * panoramaHeight);
  readonly u = new Uint8Array((panoramaWidth * panoramaHeight) / 4);
  readonly v = new Uint8Array((panoramaWidth * panoramaHeight) / 4);

  /** Even coordinates; in x it goes round. */
  fill(left: number, top: number, width: number, height: number, { y, u, v }: Ink): void {
    for (let row = Math.max(0, top); row < Math.min(panoramaHeight, top + height); row++)
      for (let column = left; column < left + width; column++) {
        const x = (column + panoramaWidth) % panoramaWidth;
        this.y[row * panoramaWidth + x] = y;
        const chroma = (row >> 1) * (panoramaWidth / 2) + (x >> 1);
        this.u[chroma] = u;
        this.v[chroma] = v;
      }
  }

  write(text: string, left: number, top: number): void {
    [...text].forEach((char, place) => {
      const glyph = char === '-' ? minus : (digits[Number(char)] ?? 0);
      for (let bit = 0; bit < 15; bit++)
        if (glyph & (0o40000 >> bit)) {
          const x = left + (place * 4 + (bit % 3)) * 4;
          this.fill(x, top + Math.floor(bit / 3) * 4, 4, 4, ink(225));
        }
    });
  }
}

/** Somewhere between 0 and 1, the same each time. */
const chance = (n: number): number => ((n * 2654435761) % 4294967296) / 4294967296;

function house(canvas: Canvas, n: number, horizon: number): void {
  const left = Math.floor((n * panoramaWidth) / 30 / 2) * 2;
  const width = 40 + Math.floor(chance(n + 1) * 24) * 2;
  const height = 40 + Math.floor(chance(n + 50) * 60) * 2;
  canvas.fill(left, horizon - height, width, height, houses[n % houses.length] ?? ink(120));
  for (let y = horizon - height + 8; y < horizon - 14; y += 16)
    for (let x = left + 6; x < left + width - 8; x += 14)
      canvas.fill(x, y, 6, 8, chance(x * 7 + y) > 0.5 ? ink(200, 90, 140) : ink(60));
}

function paint(): Planes {
  const canvas = new Canvas();
  const horizon = panoramaHeight / 2;
  for (let y = 0; y < horizon; y += 2)
    canvas.fill(0, y, panoramaWidth, 2, ink(130 + Math.floor((60 * y) / horizon), 150, 112));
  for (let y = horizon; y < panoramaHeight; y += 2)
    canvas.fill(0, y, panoramaWidth, 2, ink(120 - Math.floor((50 * (y - horizon)) / horizon), 112));
  for (let n = 0; n < 900; n++) {
    const y = horizon + 20 + Math.floor(chance(n + 7) * (horizon / 2 - 20)) * 2;
    canvas.fill(Math.floor((chance(n) * panoramaWidth) / 2) * 2, y, 10, 4, ink(85, 116, 122));
  }
  for (let n = 0; n < 30; n++) house(canvas, n, horizon);
  for (let degree = -180; degree < 180; degree += 10) {
    const x = (degree + 180) * pixelsPerDegree;
    canvas.fill(x, horizon + 8, 2, degree % 30 ? 12 : 30, ink(225));
    if (degree % 30 === 0) canvas.write(String(degree), x + 6, horizon + 18);
  }
  return canvas;
}

let painted: Planes | null = null;

/** Painted when it is first looked at. */
export function panorama(): Planes {
  painted ??= paint();
  return painted;
}
