// The box's side of config/button-box.md, written from that document alone: the simulated box must
// not share a mistake with the driver it is there to test.

export type Letter = 'N' | 'P' | 'S' | 'O' | 'T';

export interface Shown {
  readonly seq: number;
  readonly lamp: string;
  readonly buzzer: string;
}

/** Section 6, "Terminal dead": what a box shows that nobody talks to. */
export const deadSign = 'Y80.-120.Y80.-120.Y80.-2520';

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 8;
  for (let bit = 0; bit < 8; bit++) value = value & 0x8000 ? (value << 1) ^ 0x1021 : value << 1;
  return value & 0xffff;
});

const checksum = (text: string): string => {
  let crc = 0xffff;
  for (const byte of Buffer.from(text, 'latin1'))
    crc = ((crc << 8) & 0xffff) ^ (table[(crc >> 8) ^ byte] ?? 0);
  return crc.toString(16).toUpperCase().padStart(4, '0');
};

export const frameOf = (payload: string): string => `$${payload}*${checksum(payload)}\r\n`;

/** Collects lines between `$` and `\n`; drops what is too long or damaged. */
export class LineCollector {
  #line = '';

  /** Payloads of the good frames that end in this chunk. */
  take(chunk: Buffer): string[] {
    const payloads: string[] = [];
    for (const char of chunk.toString('latin1')) {
      if (char === '$') this.#line = '$';
      else if (this.#line !== '') this.#line += char;
      if (this.#line.length > 256) this.#line = '';
      if (char !== '\n' || this.#line === '') continue;
      const [, payload = '', crc] = /^\$([^*]*)\*([0-9A-F]{4})\r?\n$/.exec(this.#line) ?? [];
      if (crc !== undefined && checksum(payload) === crc) payloads.push(payload);
      this.#line = '';
    }
    return payloads;
  }
}

const lampSegment = /^[RYGBW-]\d{2,5}$/;
const toneSegment = /^[T-]\d{2,5}$/;

/** An output frame that keeps every limit of section 6; null otherwise: it is then ignored. */
export function readOutput(payload: string): Shown | null {
  const [type, version, seq = '', lamp = '', buzzer = '', ...rest] = payload.split(',');
  if (type !== 'O' || version !== '1' || rest.length > 0) return null;
  if (!/^\d{1,5}$/.test(seq) || Number(seq) > 65535) return null;
  if (!isRow(lamp.split('.'), lampSegment, 24) || !isBuzzer(buzzer)) return null;
  return { seq: Number(seq), lamp, buzzer };
}

function isRow(segments: readonly string[], form: RegExp, most: number): boolean {
  const right = (segment: string) =>
    form.test(segment) && timeOf(segment) >= 20 && timeOf(segment) <= 10_000;
  return segments.length <= most && segments.every(right);
}

function isBuzzer(text: string): boolean {
  if (text === '0x') return true;
  const [, repeats = '', row = ''] = /^(\d{1,3})x(.+)$/.exec(text) ?? [];
  const segments = row.split('.');
  const times = Number(repeats);
  if (times < 1 || times > 255 || !isRow(segments, toneSegment, 8)) return false;
  return times * segments.reduce((sum, segment) => sum + timeOf(segment), 0) <= 60_000;
}

const timeOf = (segment: string): number => Number(segment.slice(1));

/** The colour, or `-`, that a lamp pattern shows `ms` after its beginning. */
export function colourAt(lamp: string, ms: number): string {
  const segments = lamp.split('.');
  const cycleMs = segments.reduce((sum, segment) => sum + timeOf(segment), 0);
  let leftMs = ms % cycleMs;
  for (const segment of segments) {
    leftMs -= timeOf(segment);
    if (leftMs < 0) return segment.charAt(0);
  }
  return '-';
}

/** Contacts by name, and as frames spell them. */
export const letters = { normal: 'N', pressed: 'P', short: 'S', open: 'O', tamper: 'T' } as const;
export type ContactName = keyof typeof letters;
