// What a frame of the simulated dome says of itself, in black and white: where it is written, and the
// reader. Everything is relative to the picture's size, so scaling does no harm, and nothing here needs
// Node: a test in a browser imports it as it is.

/** What can be read off a decoded frame. */
export interface Scene {
  readonly frame: number;
  /** Wall clock when the frame was drawn, Unix ms. */
  readonly sentMs: number;
  readonly strobe: 'off' | 'red' | 'blue';
  readonly siren: boolean;
  /** -1 (left) to 1. */
  readonly pan: number;
  /** -1 (down) to 1. */
  readonly tilt: number;
  /** 0 (wide) to 1. */
  readonly zoom: number;
}

/** What stands in the picture: -1 to 1 from its middle, y up. Drawn, and not read back. */
export interface Drawn {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** As fractions of the picture. */
export const strobeArea: Rectangle = { x: 0.7, y: 0.05, width: 0.25, height: 0.2 };
export const sirenArea: Rectangle = { x: 0.05, y: 0.05, width: 0.1, height: 0.12 };

const columns = 40;
const rows = 4;
/** Of the picture's height: square cells of 16 pixels in a picture of 640 x 360. */
const cellHeight = 16 / 360;
/** First and last cells; they also tell what black and white have become. */
const sync = 0b10110010;
const payloadBytes = 16;
const pixelsToSay = 45;

/** Of a cell of the code, row by row from the first. */
export function cellOf(index: number): Rectangle {
  return {
    x: (index % columns) / columns,
    y: 1 - (rows - Math.floor(index / columns)) * cellHeight,
    width: 1 / columns,
    height: cellHeight,
  };
}

/** CRC-16/CCITT-FALSE. */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    crc &= 0xffff;
  }
  return crc;
}

const fine = 0x7fff;

/** The cells of the code in order, true for white. */
export function codeOf({ frame, sentMs, pan, tilt, zoom }: Omit<Scene, 'strobe' | 'siren'>) {
  const bytes = new Uint8Array(payloadBytes + 4);
  const view = new DataView(bytes.buffer);
  bytes[0] = sync;
  view.setUint32(1, frame >>> 0);
  view.setUint16(5, Math.floor(sentMs / 2 ** 32));
  view.setUint32(7, sentMs % 2 ** 32);
  view.setInt16(11, Math.round(pan * fine));
  view.setInt16(13, Math.round(tilt * fine));
  view.setInt16(15, Math.round(zoom * fine));
  view.setUint16(17, checksum(bytes.subarray(1, 17)));
  bytes[19] = ~sync;
  return Array.from({ length: columns * rows }, (_, bit) => {
    const byte = bytes[bit >> 3] ?? 0;
    return (byte & (0x80 >> (bit & 7))) !== 0;
  });
}

type Colour = readonly [red: number, green: number, blue: number];

class Pixels {
  readonly #bytes: Uint8Array | Uint8ClampedArray;
  readonly #width: number;
  readonly #height: number;
  readonly coloured: boolean;

  constructor(bytes: Uint8Array | Uint8ClampedArray, width: number, height: number) {
    this.#bytes = bytes;
    this.#width = width;
    this.#height = height;
    this.coloured = bytes.length >= width * height * 4;
  }

  /** Mean over the middle of an area, where neither edges nor neighbours reach. */
  mean(area: Rectangle): Colour {
    const size = this.coloured ? 4 : 1;
    const sums = [0, 0, 0];
    for (let n = 0; n < pixelsToSay; n++) {
      const across = 0.3 + (0.4 * (n % 9)) / 8;
      const down = 0.3 + (0.4 * Math.floor(n / 9)) / 4;
      const x = Math.floor((area.x + area.width * across) * this.#width);
      const y = Math.floor((area.y + area.height * down) * this.#height);
      const at = (y * this.#width + x) * size;
      for (let part = 0; part < 3; part++)
        sums[part] = (sums[part] ?? 0) + (this.#bytes[at + (this.coloured ? part : 0)] ?? 0);
    }
    const [red = 0, green = 0, blue = 0] = sums.map((sum) => sum / pixelsToSay);
    return [red, green, blue];
  }
}

const brightness = ([red, green, blue]: Colour): number => (red + green + blue) / 3;

function strobeOf(pixels: Pixels, level: (colour: Colour) => number): Scene['strobe'] {
  const colour = pixels.mean(strobeArea);
  const [red, , blue] = colour;
  if (pixels.coloured) {
    if (Math.abs(red - blue) < 80) return 'off';
    return red > blue ? 'red' : 'blue';
  }
  const grey = level(colour);
  if (grey > 0.46) return 'off';
  return grey > 0.2 ? 'red' : 'blue';
}

/** Reads a decoded frame of the scene, whatever it was scaled to; null where there is none or it came
 * through damaged. `pixels`: RGBA, or a plane of luma first (grey, I420). */
export function readScene(
  pixels: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
): Scene | null {
  if (width < columns * 4 || pixels.length < width * height) return null;
  const image = new Pixels(pixels, width, height);
  const levels = Array.from({ length: columns * rows }, (_, n) =>
    brightness(image.mean(cellOf(n))),
  );
  const known = [...levels.slice(0, 8), ...levels.slice(-8)];
  const white = Math.min(...known.filter((_, n) => n < 8 === bitOf(sync, n & 7)));
  const black = Math.max(...known.filter((_, n) => n < 8 !== bitOf(sync, n & 7)));
  if (white - black < 60) return null;
  const bytes = new Uint8Array(payloadBytes + 4);
  levels.forEach((level, n) => {
    if (level > (white + black) / 2) bytes[n >> 3] = (bytes[n >> 3] ?? 0) | (0x80 >> (n & 7));
  });
  const view = new DataView(bytes.buffer);
  if (checksum(bytes.subarray(1, 17)) !== view.getUint16(17)) return null;
  const level = (colour: Colour) => (brightness(colour) - black) / (white - black);
  return {
    frame: view.getUint32(1),
    sentMs: view.getUint16(5) * 2 ** 32 + view.getUint32(7),
    strobe: strobeOf(image, level),
    siren: level(image.mean(sirenArea)) > 0.5,
    pan: view.getInt16(11) / fine,
    tilt: view.getInt16(13) / fine,
    zoom: view.getInt16(15) / fine,
  };
}

function bitOf(byte: number, bit: number): boolean {
  return (byte & (0x80 >> bit)) !== 0;
}
