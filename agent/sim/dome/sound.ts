// The dome's ears and mouth: a microphone that hears a test tone or what a test plays to it, a speaker
// that keeps what it was sent, and G.711 between them and the wire. 8 kHz, mono, 16 bits.

import { monotonicMs } from './actuators.ts';

export type SoundCodec = 'PCMU' | 'PCMA';
/** What the microphone may speak. */
export type MicrophoneCodec = SoundCodec | 'AAC';
export const samplesPerSecond = 8000;

const muDecode = Int16Array.from({ length: 256 }, (_, byte) => {
  const value = ~byte & 0xff;
  const magnitude = (((value & 0x0f) << 3) + 0x84) << ((value & 0x70) >> 4);
  return value & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
});

const aDecode = Int16Array.from({ length: 256 }, (_, byte) => {
  const value = byte ^ 0x55;
  const exponent = (value & 0x70) >> 4;
  const mantissa = ((value & 0x0f) << 4) + (exponent ? 0x108 : 8);
  const magnitude = exponent > 1 ? mantissa << (exponent - 1) : mantissa;
  return value & 0x80 ? magnitude : -magnitude;
});

/** For each of 65,536 samples the nearest code, so that encoding is a look-up, too. */
function nearest(decode: Int16Array): Uint8Array {
  const codes = [...decode.entries()].sort(([, a], [, b]) => a - b);
  const table = new Uint8Array(65_536);
  let at = 0;
  for (let sample = -32_768; sample <= 32_767; sample++) {
    const distance = (n: number) => Math.abs((codes[n]?.[1] ?? Number.POSITIVE_INFINITY) - sample);
    while (at + 1 < codes.length && distance(at + 1) <= distance(at)) at++;
    table[sample + 32_768] = codes[at]?.[0] ?? 0;
  }
  return table;
}

const tables = {
  PCMU: { decode: muDecode, encode: nearest(muDecode) },
  PCMA: { decode: aDecode, encode: nearest(aDecode) },
} as const;

export function encodeSound(codec: SoundCodec, pcm: Int16Array): Buffer {
  const { encode } = tables[codec];
  return Buffer.from(Uint8Array.from(pcm, (sample) => encode[sample + 32_768] ?? 0));
}

export function decodeSound(codec: SoundCodec, bytes: Uint8Array): Int16Array {
  const { decode } = tables[codec];
  return Int16Array.from(bytes, (byte) => decode[byte] ?? 0);
}

const loudness = 8000;
const queueSecondsMax = 120;

export class Microphone {
  #toneHz: number | null = 440;
  #phase = 0;
  #played: Int16Array[] = [];
  #at = 0;
  /** Its wire is cut: the dome goes on to announce it, and sends nothing of it. */
  isCut = false;

  /** Null: silence. */
  tone(hz: number | null): void {
    this.#toneHz = hz;
  }

  /** Heard in place of the tone, after what is being played already; two minutes at most. */
  play(pcm: Int16Array): void {
    const waiting = this.#played.reduce((sum, one) => sum + one.length, 0);
    if (waiting + pcm.length > queueSecondsMax * samplesPerSecond)
      throw new Error('more is being played to the microphone than it can keep');
    if (pcm.length > 0) this.#played.push(pcm);
  }

  /** The next samples. */
  listen(count: number): Int16Array {
    const heard = new Int16Array(count);
    for (let n = 0; n < count; n++) heard[n] = this.#next();
    return heard;
  }

  #next(): number {
    const [playing] = this.#played;
    if (playing) {
      const sample = playing[this.#at++] ?? 0;
      if (this.#at >= playing.length) {
        this.#played.shift();
        this.#at = 0;
      }
      return sample;
    }
    if (this.#toneHz === null) return 0;
    this.#phase = (this.#phase + this.#toneHz / samplesPerSecond) % 1;
    return Math.round(loudness * Math.sin(2 * Math.PI * this.#phase));
  }
}

export interface Heard {
  /** CLOCK_MONOTONIC, milliseconds, when the packet was here. */
  readonly atMs: number;
  readonly codec: SoundCodec;
  readonly sequence: number;
  /** RTP time of its first sample. */
  readonly time: number;
  readonly pcm: Int16Array;
}

const heardMax = 50_000;

export class Speaker {
  /** What arrived, in order of arrival. */
  readonly heard: Heard[] = [];
  /** A client holds the backchannel. */
  busy = false;

  take(one: Omit<Heard, 'atMs'>): void {
    this.heard.push({ atMs: monotonicMs(), ...one });
    if (this.heard.length > heardMax) this.heard.shift();
  }

  /** Everything heard, one packet after the other, as it arrived. */
  get pcm(): Int16Array {
    return Int16Array.from(this.heard.flatMap(({ pcm }) => [...pcm]));
  }

  forget(): void {
    this.heard.length = 0;
  }
}
